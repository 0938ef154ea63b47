"""Arrays, objects and maps: the same rule for every leaf, and errors that lead to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpack.enforcement import Source, enforce_table
from mlpack.errors import SchemaMismatch
from mlpack.schema import AnyType, Array, ColSpec, Map, Object, Property, Schema, SparkMLVector

POINT = Object([Property("x", "double"), Property("tags", Array("string"), required=False)])
DEEP = Object([Property("b", Array(Object([Property("c", "integer")])))])


def enforced(value: Any, type_: Any, *, required: bool = True, source: Source = Source.JSON) -> Any:
    """The value of a column of one row."""
    schema = Schema([ColSpec(type_, "a", required)])
    return enforce_table(["a"], [[value]], schema, source=source).columns[0][0]


ACCEPTED: list[tuple[Any, Any, Any]] = [
    (Array("double"), [1, 2.5, None], [1.0, 2.5, float("nan")]),
    (Array("float"), [0.1], [float(np.float32(0.1))]),
    (Array("long"), [1.0], [1]),
    (Array("string"), ["x", None], ["x", None]),
    (Array("binary"), ["YQ=="], [b"a"]),
    (Array("datetime"), ["2024-01-02"], [pd.Timestamp("2024-01-02")]),
    (Array("double"), [], []),
    (Array(Array("long")), [[1], []], [[1], []]),
    (Array(AnyType()), [1, "x", None], [1, "x", None]),
    (Array(AnyType()), None, None),
    (SparkMLVector(), [1], [1.0]),
    (Map("double"), {"k": 1}, {"k": 1.0}),
    (Map(AnyType()), None, None),
    (POINT, {"x": 1}, {"x": 1.0}),
    (POINT, {"tags": None, "x": 1}, {"tags": None, "x": 1.0}),
    (DEEP, {"b": [{"c": 1}, {"c": 2.0}]}, {"b": [{"c": 1}, {"c": 2}]}),
]


@pytest.mark.parametrize(("type_", "value", "expected"), ACCEPTED, ids=str)
def test_what_fits_is_converted_leaf_by_leaf(type_: Any, value: Any, expected: Any) -> None:
    assert repr(_plain(enforced(value, type_))) == repr(expected)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


REFUSED: list[tuple[Any, Any, str, str, str]] = [
    (Array("double"), ["x"], "a[0]", "double", "text that is not a number"),
    (Array("long"), [1, None], "a[1]", "long", "a missing value (null)"),
    (Array("double"), "x", "a", "array of double", "text"),
    (Array("double"), None, "a", "array of double", "a missing value (null)"),
    (Array(Array("long")), [[1], [2.5]], "a[1][0]", "long", "a number with a fraction"),
    (Array(Array("long")), [[1], None], "a[1]", "array of long", "a missing value (null)"),
    (Map("double"), {"k": None}, "a.k", "double", "a missing value (null)"),
    (Map("double"), [1], "a", "map of double", "a list"),
    (POINT, {}, "a.x", "double", "nothing"),
    (POINT, {"x": None}, "a.x", "double", "a missing value (null)"),
    (POINT, {"x": 1, "y": 2}, "a.y", "one of tags, x", "an object with this key"),
    (POINT, {"x": 1, "tags": ["t", 2]}, "a.tags[1]", "string", "an integer"),
    (POINT, None, "a", "{tags: array of string (optional), x: double}", "a missing value (null)"),
    (DEEP, {"b": [{"c": 1}, {"c": 2**40}]}, "a.b[1].c", "integer", "an integer that 32 bits cannot hold"),
]


@pytest.mark.parametrize(("type_", "value", "field", "expected", "got"), REFUSED, ids=str)
def test_what_does_not_fit_is_refused_with_the_path_to_it(
    type_: Any, value: Any, field: str, expected: str, got: str
) -> None:
    with pytest.raises(SchemaMismatch) as caught:
        enforced(value, type_)
    error = caught.value
    assert (error.field, error.expected, error.got, error.row) == (field, expected, got, 0)


def test_a_column_without_a_name_has_the_path_alone() -> None:
    with pytest.raises(SchemaMismatch, match=r"'\[1\]' expects long"):
        enforce_table(None, [[[1, "x"]]], Schema([ColSpec(Array("long"))]), source=Source.JSON)


@pytest.mark.parametrize("type_", [Array("long"), Map("long"), POINT, Array(Array("long")), AnyType()], ids=str)
def test_null_is_kept_where_the_column_is_optional(type_: Any) -> None:
    assert enforced(None, type_, required=False) is None


def test_what_is_inside_of_something_optional_is_optional_too() -> None:
    assert enforced([[1], None], Array(Array("long")), required=False) == [[1], None]
    assert enforced({}, POINT, required=False) == {}
    assert enforced({"k": None}, Map("long"), required=False) == {"k": None}


def test_a_key_that_is_not_text_is_refused() -> None:
    with pytest.raises(SchemaMismatch, match="a key that is not text"):
        enforced({1: 1.5}, Map("double"), source=Source.PYTHON)


def test_arrays_of_numpy_stay_arrays() -> None:
    kept = enforced(np.array([1, 2]), Array("double"), source=Source.PYTHON)
    texts = enforced(np.array(["x", "yz"], object), Array("string"), source=Source.PYTHON)
    matrix = enforced(np.array([[1, 2], [3, 4]]), Array(Array("integer")), source=Source.PYTHON)
    ragged = enforced(np.array([[1], [2, 3]], object), Array(Array("long")), source=Source.PYTHON)
    assert [each.dtype.str for each in (kept, texts, matrix)] == ["<f8", "<U2", "<i4"]
    assert (matrix.shape, list(ragged)) == ((2, 2), [[1], [2, 3]])


@pytest.mark.parametrize("value", [np.array(1.5), np.array([[1.5]]), (1.5,), {1.5}], ids=str)
def test_what_is_no_list_is_no_array(value: Any) -> None:
    with pytest.raises(SchemaMismatch):
        enforced(value, Array("double"), source=Source.PYTHON)


def test_a_matrix_is_a_column_of_arrays() -> None:
    schema = Schema([ColSpec(Array("double"), "a")])
    table = enforce_table(["a"], [np.eye(2)], schema, source=Source.PYTHON)
    assert [list(row) for row in table.columns[0]] == [[1.0, 0.0], [0.0, 1.0]]
