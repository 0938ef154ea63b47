"""``dataframe_split`` and ``dataframe_records``."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest

from mlpack.errors import LimitExceeded, MalformedPayload, SchemaMismatch
from mlpack.manifest import Model
from mlpack.payloads import Limits, decode
from mlpack.schema import ColSpec, Schema
from mlpack.signature import ModelSignature
from mlpack.table import Table

TWO = Model(signature=ModelSignature(inputs=Schema([ColSpec("double", "a"), ColSpec("long", "b")])))


def ask(body: Any, model: Model = TWO, **limits: int) -> Any:
    return decode(orjson.dumps(body), "application/json", model, Limits(**limits)).data


def test_split_becomes_a_table_in_the_order_of_the_signature() -> None:
    table = ask({"dataframe_split": {"columns": ["b", "extra", "a"], "data": [[1, "x", 2.5], [3, "y", 4]]}})
    assert isinstance(table, Table)
    assert table.names == ("a", "b")
    assert [column.tolist() for column in table.columns] == [[2.5, 4.0], [1, 3]]
    assert [column.dtype for column in table.columns] == [np.float64, np.int64]


def test_records_become_the_same_table() -> None:
    table = ask({"dataframe_records": [{"a": 2.5, "b": 1}, {"b": 3, "a": 4}]})
    assert [column.tolist() for column in table.columns] == [[2.5, 4.0], [1, 3]]


def test_labels_of_rows_are_kept() -> None:
    table = ask({"dataframe_split": {"columns": ["a", "b"], "index": ["r", "s"], "data": [[1, 2], [3, 4]]}})
    assert list(table.frame().index) == ["r", "s"]


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"columns": ["a", "b"], "data": [[1, 2], [3]]}, "data: row 1 is not a list of 2 values"),
        ({"columns": ["a", "b"], "data": [[1, 2], 3]}, "row 1"),
        ({"columns": ["a"], "data": [1, [2]]}, "row 1"),
        ({"columns": ["a", "b"], "data": [{"a": 1, "b": 2}, {"a": 1}]}, "row 1 is without the keys of the first"),
        ({"columns": ["a", "b", "c"], "data": [[1, 2]]}, "3 names for 2 columns"),
        ({"columns": ["a", "b"], "index": [1], "data": [[1, 2], [3, 4]]}, "index has 1 labels for 2 rows"),
        ({"columns": ["a", "b"], "data": [[1, 2]], "dtypes": {}}, "unknown key: 'dtypes'"),
        ({"columns": ["a", "b"]}, "data is missing"),
        ({"columns": "ab", "data": [[1, 2]]}, "columns must be a list"),
        ({"columns": [["a"], ["b"]], "data": [[1, 2]]}, "columns must be a list of texts"),
        ({"columns": ["a", "b"], "data": {"a": [1]}}, "data must be a list"),
        ([[1, 2]], "must be an object"),
    ],
)
def test_a_misshapen_split_is_refused_saying_where(split: Any, message: str) -> None:
    with pytest.raises(MalformedPayload, match=message):
        ask({"dataframe_split": split})


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([{"a": 1, "b": 2}, {"a": 3}], "row 1 is without the keys"),
        ([{"a": 1, "b": 2}, {"a": 3, "b": 4, "c": 5}], "row 1 is without the keys"),
        ([{"a": 1, "b": 2}, 3], "row 1"),
        ({"a": 1}, "must be a list"),
    ],
)
def test_misshapen_records_are_refused_saying_which(records: Any, message: str) -> None:
    with pytest.raises(MalformedPayload, match=message):
        ask({"dataframe_records": records})


def test_a_required_column_must_come_once() -> None:
    with pytest.raises(SchemaMismatch, match="'b'"):
        ask({"dataframe_split": {"columns": ["a"], "data": [[1]]}})
    with pytest.raises(SchemaMismatch, match="'a' expects one column"):
        ask({"dataframe_split": {"columns": ["a", "b", "a"], "data": [[1, 2, 3]]}})


def test_no_value_is_changed_to_fit() -> None:
    with pytest.raises(SchemaMismatch, match="'b' expects long, got a number with a fraction in row 1"):
        ask({"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2], [3, 4.5]]}})


def test_without_a_signature_pandas_infers() -> None:
    frame = ask({"dataframe_split": {"columns": ["x", "y"], "data": [[1, "a"], [2, None]]}}, Model())
    assert frame["x"].dtype == np.int64
    assert frame["y"].tolist()[0] == "a"


@pytest.mark.parametrize(
    ("body", "option"),
    [
        ({"dataframe_split": {"columns": list("abcd"), "data": [[1, 2, 3, 4]]}}, "--max-columns"),
        ({"dataframe_split": {"columns": list("abcd"), "data": []}}, "--max-columns"),
        ({"dataframe_records": [{"a": 1, "b": 2, "c": 3, "d": 4}]}, "--max-columns"),
        ({"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2]] * 6}}, "--max-cells"),
        ({"dataframe_records": [{"a": 1, "b": 2}] * 6}, "--max-cells"),
        ({"inputs": {"a": [1] * 6, "b": [1] * 6}}, "--max-cells"),
        ({"instances": [{"a": 1, "b": 2}] * 6}, "--max-cells"),
    ],
)
def test_tables_are_limited_and_the_error_names_the_option(body: Any, option: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        ask(body, columns=3, cells=11)
    assert caught.value.option == option
