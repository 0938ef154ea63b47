"""Big bodies are read in quicker ways, which nobody can tell from their answers: by size alone it is decided here."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlpack.datatypes import AnyType
from mlpack.errors import InvalidInput
from mlpack.manifest import Model
from mlpack.payloads import CSV, JSON, Limits, arrow_csv, decode, matrix, simd
from mlpack.schema import ColSpec, Schema, TensorSpec
from mlpack.signature import ModelSignature
from mlpack.table import Table

LIMITS = Limits()
NAMES = ["a", "b", "c"]
COLUMNS: list[list[Any]] = [
    *([kind] * 3 for kind in ("double", "float", "long", "integer")),
    *(["double", "long", "float"], ["double", "string", "boolean"], ["datetime", "long", AnyType()]),
]
TENSORS = [np.dtype(kind) for kind in ("f8", "f4", "f2", "i8", "u1", "U", "O")]
SCHEMAS = [
    None,
    *(Schema([ColSpec(kind, name) for kind, name in zip(kinds, NAMES, strict=True)]) for kinds in COLUMNS),
    *(Schema([ColSpec(kind, name, False) for kind, name in zip(kinds, NAMES, strict=True)]) for kinds in COLUMNS),
    *(Schema([ColSpec(kind) for kind in kinds]) for kinds in COLUMNS),
    *(Schema([TensorSpec(dtype, (-1, 3))]) for dtype in TENSORS),
    *(Schema([TensorSpec(dtype, (-1,), name) for name in NAMES]) for dtype in TENSORS),
]
schemas = st.sampled_from(SCHEMAS)

usual = st.floats(-1e6, 1e6) | st.integers(-1000, 1000) | st.just(-0.0)
ODD: list[Any] = [None, True, "1.5", "x", [1], [], {"a": 1}, -0.0, 1.5, 1e300, 5e-324, 1e39, 16777217.5]
ODD += [300, 2**11 + 1, 2**24, 2**24 + 1, 2**31, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63, 2**64, 10**30]
unusual = st.sampled_from(ODD)
tables = st.lists(st.lists(usual, min_size=3, max_size=3), min_size=1, max_size=6)
columns = st.permutations(NAMES) | st.lists(st.sampled_from([*NAMES, "d", "[", 0, 1, 2]), max_size=4)


@st.composite
def rows(draw: st.DrawFn) -> list[Any]:
    """Rows of numbers, some with a fault: another value in a cell, a cell or a row too many or too few."""
    table: list[Any] = draw(tables)
    for _ in range(draw(st.integers(0, 2))):
        row = table[draw(st.integers(0, len(table) - 1))]
        if isinstance(row, list) and row:
            at = draw(st.integers(0, len(row) - 1))
            row[at : at + 1] = draw(st.lists(unusual, max_size=2) | st.lists(unusual, min_size=1, max_size=1))
    return table + draw(st.sampled_from([[], [], [], [[]], [1], ["abc"], [[[1, 2], [], 3]]]))


@st.composite
def records(draw: st.DrawFn) -> list[Any]:
    """The same as objects, whose keys may be in any order."""
    names = draw(columns)
    table = [row if isinstance(row, list) else [row] for row in draw(rows())]
    return [dict(draw(st.permutations(list(zip(map(str, names), row, strict=False))))) for row in table]


by_name = st.builds(
    lambda names, table: dict(zip(map(str, names), map(list, zip(*table, strict=False)), strict=False)), columns, tables
)
bodies = st.one_of(
    st.builds(lambda names, data: {"dataframe_split": {"columns": names, "data": data}}, columns, rows()),
    st.builds(lambda data, rest: {"dataframe_split": {"data": data} | rest}, rows(), st.sampled_from([{}, {"i": 1}])),
    st.builds(lambda data: {"dataframe_split": {"data": data, "index": list(range(len(data)))}}, rows()),
    st.builds(lambda data: {"dataframe_records": data}, records()),
    *(st.builds(lambda key, data: {key: data}, st.just(key), data)
      for key in ("inputs", "instances") for data in (rows(), records(), by_name)),
    st.builds(lambda data: {"inputs": data, "params": {}}, rows()),
)  # fmt: skip
cells = st.one_of(
    *(st.floats(-1e6, 1e6).map(repr), st.integers(-1000, 1000).map(str)),
    st.sampled_from(
        ["", "NA", " 1.5", "1_0", "0x10", "inf", "nan", "nan(1)", "+1", "1.", ".5", "007", "1e400", "1e-400"]
    )
    | st.sampled_from(
        ["é", '"q"', '"', str(2**53 + 1), "\0", "a\rb", "1.00000000000000000001", "true", " ", "-", "1,2"]
    ),
)


@contextmanager
def big(rows: int, size: int) -> Iterator[None]:
    """What is as large as that is big."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matrix, "_MANY", rows)
        for module in (simd, arrow_csv):
            patch.setattr(module, "_WORTH", size)
        yield


def told(body: bytes, kind: str, schema: Schema | None, limits: Limits) -> Any:
    """All that can be told of a decoded body, or of its refusal."""
    try:
        payload = decode(body, kind, Model(signature=ModelSignature(inputs=schema) if schema else None), limits)
    except InvalidInput as error:
        return type(error), str(error), error.tip
    return payload.params, _told(payload.data)


def _told(data: Any) -> Any:
    if isinstance(data, Table):
        return data.names, list(map(_told, data.columns)), data.rows, data.index
    if isinstance(data, pd.DataFrame):
        return _told(dict(data.items())), list(data.columns), list(data.index), data.to_numpy().flags.f_contiguous
    if isinstance(data, dict):
        return [(name, _told(each)) for name, each in data.items()]
    if isinstance(data, pd.Series):
        return _told(data.to_numpy())
    return (data.dtype, data.shape, repr(data.tolist())) if isinstance(data, np.ndarray) else repr(data)


def same(body: bytes, kind: str, schema: Schema | None, limits: Limits = LIMITS) -> None:
    with big(sys.maxsize, sys.maxsize):
        plain = told(body, kind, schema, limits)
    with big(1, 0):
        assert told(body, kind, schema, limits) == plain
    with big(1, sys.maxsize):
        assert told(body, kind, schema, limits) == plain


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_odd_cell_is_the_same_in_every_form(odd: Any) -> None:
    table = [[1, 2, 3], [4, odd, 6]]
    by_row = [dict(zip(NAMES, row, strict=True)) for row in table]
    by_column = dict(zip(NAMES, zip(*table, strict=True), strict=True))
    forms: list[Any] = [{"dataframe_split": {"columns": NAMES, "data": table}}, {"dataframe_records": by_row}]
    forms += [{key: data} for key in ("inputs", "instances") for data in (table, by_row, by_column)]
    for schema in SCHEMAS:
        for form in forms:
            same(json.dumps(form).encode(), JSON, schema)


@given(bodies, schemas)
@settings(max_examples=400, deadline=None)
def test_a_big_json_body_is_read_as_a_small_one(body: Any, schema: Schema | None) -> None:
    same(json.dumps(body).encode(), JSON, schema)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=6), columns, st.sampled_from(["\n", "\r\n"]), schemas)
@settings(max_examples=400, deadline=None)
@example([["1", "2", "3"], [""], ["4", "5", "6"], [" "]], NAMES, "\n", SCHEMAS[1])
@example([["1"], [""], [" "]], ["a"], "\n", Schema([ColSpec("double", "a")]))
@example([["é" * 200_000, "1", "2"]], ["b", "a", "c"], "\n", SCHEMAS[6])
def test_a_big_csv_body_is_read_as_a_small_one(
    table: list[list[str]], names: list[Any], end: str, schema: Schema | None
) -> None:
    same(end.join(",".join(map(str, row)) for row in [names, *table]).encode(), CSV, schema)


@pytest.mark.parametrize("split", [
    b'{"data": [[1, 2, 3]], "data": [[4, 5, 6]], "columns": ["a", "b", "c"]}',
    b'{"columns": ["a", "b", "c"], "data": [[1, 2, 3]]}, "dataframe_split": {"columns": ["a", "b", "c"], "data": []}',
    b'{"columns": ["a", "\\u0062", "c"], "data": [[1, 2, 3]]}',
    b'{"columns": ["a", "b", "c"], "data": [[-0, 1e-400, 0.' + b"1" * 390 + b"]]}",
    b'{"columns": ["a", "b", "c"], "data": [[1, 2, 0.' + b"1" * 400 + b"]]}",
    b'{"columns": ["a", "b", "c"], "data": [[1, 2, NaN]]}',
    b'{"columns": ["a", "b", "c"], "data": [[1, 2, 1e400]]}',
    b'{"columns": ["a", "b", "c"], "data": [[[1, 2], [], 3], [4, 5, 6]]}',
    b'{"columns": ["a", "b", "c", "\\ud800"], "data": [[1, 2, 3, 4]]}',
    b'{"columns": ["a", "b", "c", "\\u0000"], "data": [[1, 2, 3, 4]]}',
    b'{"columns": ["a", "b", "c"], "data": [[1, 2, 3]], "i": 1}',
    b'{"columns": ["a", "b", "c"], "data": [[null, 1.5, 2.5], [null, 3.5, 4.5]]}',
    b'{"columns": ["a", "b", "c"], "data": [[1, 2, 3], [4, 5, 6]]} ]',
])  # fmt: skip
@pytest.mark.parametrize("limits", [Limits(), Limits(json_depth=3), Limits(cells=5), Limits(columns=2)])
@pytest.mark.parametrize("schema", [SCHEMAS[0], SCHEMAS[1], SCHEMAS[5]])
def test_text_that_parsers_may_differ_on(split: bytes, limits: Limits, schema: Schema | None) -> None:
    same(b'{"dataframe_split": ' + split + b"}", JSON, schema, limits)


def test_the_quick_ways_are_taken() -> None:
    pytest.importorskip("simdjson")
    table = [[0.5, 1.5, 2.5]] * 1000
    split = json.dumps({"dataframe_split": {"columns": NAMES, "data": table}}).encode()
    lines = b"a,b,c\n" + b"0.5,1.5,2.5\n" * 10_000
    assert simd.read_numbers(split, SCHEMAS[1], LIMITS) is not None
    assert matrix.columns_of_numbers(table, SCHEMAS[1]) is not None
    assert arrow_csv.read_columns(lines, dict.fromkeys(NAMES, np.dtype("f8")), frozenset(), LIMITS) is not None
