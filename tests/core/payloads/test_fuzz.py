"""Whatever comes, with whatever content type: a payload, or a typed error of the client's that repeats none of it."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpack.datatypes import AnyType, Array, Map, Object, Property
from mlpack.errors import InvalidInput
from mlpack.manifest import Model
from mlpack.payloads import ARROW_STREAM, CSV, JSON, PARQUET, decode, encode_json
from mlpack.schema import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec
from mlpack.signature import ModelSignature
from mlpack.table import Table

SCALARS = ("boolean", "integer", "long", "float", "double", "string", "binary", "datetime")
OBJECT = Object([Property("a", "long"), Property("b", "string", False)])
SCHEMAS = [
    None,
    *(Schema([ColSpec(kind, "a", required)]) for kind in SCALARS for required in (True, False)),
    *(
        Schema([ColSpec(kind, "a"), ColSpec(AnyType(), "b", False)])
        for kind in (Array("double"), OBJECT, Map("string"), AnyType())
    ),
    *(Schema([ColSpec("double")]), Schema([ColSpec("string"), ColSpec("long")]), Schema([ColSpec(Array("long"))])),
    *(
        Schema([TensorSpec(np.dtype(kind), shape)])
        for kind in ("f4", "i8", "U", "O", "M8[ns]")
        for shape in ((-1,), (-1, 2))
    ),
    Schema([TensorSpec(np.dtype("f8"), (-1, 2), "a"), TensorSpec(np.dtype("U"), (-1,), "b")]),
]
PARAMS = ParamSchema([ParamSpec("t", "double", 0.5), ParamSpec("n", "long", 1)])
MODELS = [
    Model(
        signature=ModelSignature(inputs=schema, params=params) if schema or params else None,
        is_signature_from_type_hint=hints,
    )
    for schema in SCHEMAS
    for params in (None, PARAMS)
    for hints in ((False, True) if schema is SCHEMAS[1] else (False,))
]
models = st.sampled_from(MODELS)

names = st.sampled_from(["a", "b", "0", "", "t", "é" * 300])
leaves = st.one_of(
    *(st.none(), st.booleans(), st.integers(-3, 3), st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    *(
        st.text(max_size=5),
        st.sampled_from(["2024-01-02", "YWJj", "1.5", "SECRET" * 50, 2**63, 2**64, -(2**63) - 1, 1e300]),
    ),
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=12
)
rows = st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(leaves, min_size=width, max_size=width), max_size=3))
splits = st.fixed_dictionaries(
    {"data": rows | values}, optional={"columns": st.lists(names, max_size=3) | values, "index": values}
)
forms = st.one_of(
    *(st.fixed_dictionaries({key: values}, optional={"params": values}) for key in ("inputs", "instances")),
    st.fixed_dictionaries({"inputs": st.dictionaries(names, st.lists(leaves, min_size=2, max_size=2), max_size=3)}),
    st.fixed_dictionaries({"dataframe_split": splits | values}),
    st.fixed_dictionaries(
        {"dataframe_records": st.lists(st.dictionaries(names, leaves, max_size=3), max_size=3) | values}
    ),
    st.dictionaries(st.sampled_from(["messages", "prompt", "input", "t", "inputs"]), values, max_size=3),
    values,
)
cells = st.text(st.sampled_from('a1.,"\n\r é-eN'), max_size=40)


def survives(body: bytes, content_type: str | None, model: Model) -> None:
    try:
        payload = decode(body, content_type, model)
    except InvalidInput as error:
        assert len(str(error).encode()) <= 1024
        assert "SECRETSECRET" not in str(error)
    else:
        data = payload.data.frame() if isinstance(payload.data, Table) else payload.data
        encode_json(data)


@given(forms, models)
@settings(max_examples=600, deadline=None)
def test_any_json_in_the_shape_of_a_request(body: Any, model: Model) -> None:
    survives(json.dumps(body).encode(), JSON, model)


@given(
    st.binary(max_size=60) | cells.map(str.encode),
    st.sampled_from([None, JSON, CSV, PARQUET, ARROW_STREAM]) | st.text(),
    models,
)
@settings(max_examples=500, deadline=None)
def test_any_bytes_of_any_type(body: bytes, content_type: str | None, model: Model) -> None:
    survives(body, content_type, model)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=3), models)
@settings(max_examples=300, deadline=None)
def test_any_cells_of_csv(table: list[list[str]], model: Model) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    survives("\n".join(["a,b", *quoted]).encode(), CSV, model)


@cache
def sample(kind: str) -> bytes:
    table = pa.table({"a": [1.5, None, 2], "b": ["x", "SECRET" * 20, None], "c": [[1], [], [2, 3]]})
    stream = io.BytesIO()
    if kind == PARQUET:
        pq.write_table(table, stream, compression="zstd")
    else:
        with pa.ipc.new_stream(stream, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
            writer.write_table(table)
    return stream.getvalue()


@pytest.mark.parametrize("kind", [PARQUET, ARROW_STREAM])
@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, 10_000),
    models,
)
@settings(max_examples=200, deadline=None)
def test_any_damage_to_a_table(kind: str, damage: list[tuple[int, int]], cut: int, model: Model) -> None:
    body = bytearray(sample(kind))
    for at, byte in damage:
        body[at % len(body)] = byte
    survives(bytes(body[: cut or None]), kind, model)
