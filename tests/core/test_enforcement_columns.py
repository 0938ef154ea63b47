"""Which columns reach the model: chosen, put in order and counted by the schema; and what Python callers may give."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from mlpack.enforcement import Source, enforce, enforce_table
from mlpack.errors import SchemaMismatch
from mlpack.schema import AnyType, Array, ColSpec, Map, Object, Property, Schema

AB = Schema([ColSpec("double", "a"), ColSpec("string", "b", required=False)])
UNNAMED = Schema([ColSpec("double"), ColSpec("long")])


def test_columns_are_put_in_the_order_of_the_schema_and_the_rest_is_dropped() -> None:
    table = enforce_table(["c", "b", "a"], [[None], ["x"], [1.5]], AB, source=Source.JSON)
    assert table.names == ("a", "b")
    assert [list(column) for column in table.columns] == [[1.5], ["x"]]


def test_an_optional_column_may_be_absent() -> None:
    table = enforce_table(["a"], [[1.5]], AB, source=Source.JSON, index=["row"])
    assert (table.names, table.rows, table.index) == (("a",), 1, ["row"])


def test_columns_that_are_missing_are_all_named() -> None:
    schema = Schema([ColSpec("double", name) for name in "abc"])
    with pytest.raises(SchemaMismatch, match="expects the columns 'a', 'c', got no columns of these names") as caught:
        enforce_table(["b", "C"], [[1.5], [1.5]], schema, source=Source.JSON)
    assert caught.value.tip == "not in the signature, and ignored: C"


def test_the_only_column_that_is_missing_is_the_field_at_fault() -> None:
    with pytest.raises(SchemaMismatch, match="'a' expects a column of type double") as caught:
        enforce_table(["b"], [["x"]], AB, source=Source.JSON)
    assert caught.value.field == "a"


def test_a_column_that_comes_twice_is_refused_unless_it_is_dropped() -> None:
    enforce_table(["a", "c", "c"], [[1.5], [1], [2]], AB, source=Source.JSON)
    with pytest.raises(SchemaMismatch, match="one column of this name, got several"):
        enforce_table(["a", "a"], [[1.5], [2.5]], AB, source=Source.JSON)


def test_names_that_cannot_be_names_are_refused() -> None:
    with pytest.raises(SchemaMismatch, match="names of columns"):
        enforce_table([["a"]], [[1.5]], AB, source=Source.JSON)  # type: ignore[list-item]


def test_columns_without_names_are_told_apart_by_position() -> None:
    table = enforce_table(None, [[1.5], [2], ["dropped"]], UNNAMED, source=Source.JSON)
    assert table.names is None
    assert [column.dtype.name for column in table.columns] == ["float64", "int64"]


def test_names_are_kept_where_the_schema_has_none() -> None:
    table = enforce_table(["x", "y", "z"], [[1.5], [2], [3]], UNNAMED, source=Source.JSON)
    assert table.names == ("x", "y")


def test_too_few_columns_are_counted() -> None:
    with pytest.raises(SchemaMismatch, match="expects 2 columns, got 1"):
        enforce_table(None, [[1.5]], UNNAMED, source=Source.JSON)


def test_positions_are_the_names_of_columns_that_have_none() -> None:
    schema = Schema([ColSpec("double", 1), ColSpec("double", 0)])
    table = enforce_table(None, [[1.5], [2.5]], schema, source=Source.JSON)
    assert (table.names, table.columns[0][0]) == ((1, 0), 2.5)


def test_no_rows_have_the_dtypes_of_the_schema() -> None:
    schema = Schema([ColSpec(type_, type_) for type_ in ("boolean", "integer", "float", "string", "datetime")])
    empties: tuple[Any, ...] = ([], np.array([], object))
    for empty in empties:
        table = enforce_table(schema.input_names(), [empty] * 5, schema, source=Source.JSON)
        assert [column.dtype.name for column in table.columns][:3] == ["bool", "int32", "float32"]


def test_columns_of_any_type_are_what_pandas_would_make_of_them() -> None:
    columns: list[list[Any]] = [[1, 2], [1, 2.5], [1, None], [True, False]]
    columns += [[True, 1], ["x", None], [2**53 + 1, 1.5], [[1], {}]]
    schema = Schema([ColSpec(AnyType(), position) for position in range(len(columns))])
    table = enforce_table(None, columns, schema, source=Source.JSON)
    dtypes = [column.dtype.name for column in table.columns]
    assert dtypes == ["int64", "float64", "float64", "bool", "object", "object", "object", "object"]


def test_a_frame_keeps_its_index_and_is_not_the_one_that_came() -> None:
    frame = pd.DataFrame({"b": ["x"], "a": [1]}, index=["row"])
    enforced = enforce(frame, AB)
    pd.testing.assert_frame_equal(enforced, pd.DataFrame({"a": [1.0], "b": ["x"]}, index=["row"]))
    enforced.loc["row", "a"] = 2.0
    assert frame.loc["row", "a"] == 1


def test_text_in_a_frame_keeps_its_dtype() -> None:
    frame = pd.DataFrame({"b": pd.Series(["x", None], dtype=object), "a": [1.5, 2.5]})
    assert enforce(frame, AB)["b"].dtype == object
    assert enforce(frame.astype({"b": "string"}), AB)["b"].dtype == "string"


@pytest.mark.parametrize("gap", [None, float("nan"), pd.NA])
def test_a_gap_among_booleans_of_a_frame_stays_what_the_model_was_trained_on(gap: Any) -> None:
    frame = pd.DataFrame({"a": pd.Series([True, gap], dtype=object)})
    enforced = enforce(frame, Schema([ColSpec("boolean", "a", required=False)]))
    assert (enforced["a"].dtype, enforced["a"][1] is gap) == (object, True)


def test_bytes_in_a_frame_stay_bytes() -> None:
    frame = pd.DataFrame({"a": [b"x", bytearray(b"y"), None]})
    assert list(enforce(frame, Schema([ColSpec("binary", "a")]))["a"]) == [b"x", bytearray(b"y"), None]


CONTAINERS: list[tuple[Any, Schema, dict[Any, list[Any]]]] = [
    ({"a": 1.5, "b": "x"}, AB, {"a": [1.5], "b": ["x"]}),
    ({"a": [1.5, 2.5], "b": ["x", "y"]}, AB, {"a": [1.5, 2.5], "b": ["x", "y"]}),
    ({"a": np.array([1.5, 2.5]), "b": "x"}, AB, {"a": [1.5, 2.5], "b": ["x", "x"]}),
    ({"a": np.array(1.5)}, AB, {"a": [1.5]}),
    ({"a": pd.Series([1.5]), "b": ["x"]}, AB, {"a": [1.5], "b": ["x"]}),
    ([{"a": 1.5}, {"b": "y", "a": 2}], AB, {"a": [1.5, 2.0], "b": [None, "y"]}),
    ([[1.5, 2], [2.5, 3]], UNNAMED, {0: [1.5, 2.5], 1: [2, 3]}),
    ([(1.5, 2)], UNNAMED, {0: [1.5], 1: [2]}),
    (np.array([[1.0, 2.0]]), UNNAMED, {0: [1.0], 1: [2]}),
    (np.array([(1.5, 2)], "f8,i8"), UNNAMED, {"f0": [1.5], "f1": [2]}),
    ([1.5, 2.5], Schema([ColSpec("double")]), {0: [1.5, 2.5]}),
    (np.array([1.5]), Schema([ColSpec("double")]), {0: [1.5]}),
    (np.array(1.5), Schema([ColSpec("double")]), {0: [1.5]}),
    (pd.Series([1.5], name="a"), AB, {"a": [1.5]}),
    ("text", Schema([ColSpec("string")]), {0: ["text"]}),
    (b"bytes", Schema([ColSpec("binary")]), {0: [b"bytes"]}),
    (dt.datetime(2024, 1, 2), Schema([ColSpec("datetime")]), {0: [pd.Timestamp("2024-01-02")]}),
    (7, Schema([ColSpec("long")]), {0: [7]}),
    ({"a": [1, 2]}, Schema([ColSpec(Array("long"), "a")]), {"a": [[1, 2]]}),
    ({"a": {"x": 1}}, Schema([ColSpec(Map("long"), "a")]), {"a": [{"x": 1}]}),
    ({"a": np.eye(2)}, Schema([ColSpec(Array(Array("double")), "a")]), {"a": [[[1.0, 0.0], [0.0, 1.0]]]}),
]


@pytest.mark.parametrize(("data", "schema", "expected"), CONTAINERS, ids=lambda value: str(value)[:40])
def test_what_python_callers_give_becomes_a_frame(data: Any, schema: Schema, expected: dict[Any, list[Any]]) -> None:
    frame = enforce(data, schema)
    cells = {name: [cell.tolist() if isinstance(cell, np.ndarray) else cell for cell in frame[name]] for name in frame}
    assert {
        name: [None if pd.isna(cell) is True else cell for cell in each] for name, each in cells.items()
    } == expected


@pytest.mark.parametrize(
    "data",
    [
        None,
        {1.5},
        1.5,
        [[1.5], [1.5, 2]],
        {"a": [1.5], "b": ["x", "y"]},
        np.zeros((1, 2, 3)),
        scipy.sparse.csr_matrix(np.eye(2)),
        object(),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_table_is_refused(data: Any) -> None:
    with pytest.raises(SchemaMismatch):
        enforce(data, AB)


def test_without_a_schema_data_is_what_it_was() -> None:
    data = object()
    assert enforce(data, None) is data


def test_a_dictionary_of_lists_of_objects_is_one_row() -> None:
    schema = Schema([ColSpec(Array(Object([Property("role", "string")])), "messages"), ColSpec("double", "t", False)])
    frame = enforce({"messages": [{"role": "user"}], "t": 0.5}, schema)
    assert frame.to_dict("records") == [{"messages": [{"role": "user"}], "t": 0.5}]
