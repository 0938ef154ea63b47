"""Tensors: dtype and shape are those of the schema, and nothing is lost on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from mlpack.enforcement import Source, enforce, enforce_tensor_columns, enforce_tensors
from mlpack.errors import SchemaMismatch
from mlpack.examples import Example
from mlpack.schema import Schema, TensorSpec
from mlpack.signature import infer_signature

MATRIX = Schema([TensorSpec("float64", (-1, 2))])
NAMED = Schema([TensorSpec("float32", (-1, 2), "a"), TensorSpec("int64", (-1,), "b")])


def tensor(dtype: str, *shape: int) -> Schema:
    """A schema of one unnamed tensor."""
    return Schema([TensorSpec(dtype, shape)])


def test_an_array_that_fits_is_the_one_that_came() -> None:
    array = np.zeros((3, 2))
    assert enforce(array, MATRIX) is array


class Tensor:
    """An array as frameworks have it, which may be on a device and part of a graph of gradients."""

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.eye(2)


def test_a_tensor_of_a_framework_is_taken_as_an_array() -> None:
    assert infer_signature(Tensor(), Tensor()) == infer_signature(np.eye(2), np.eye(2))
    assert np.array_equal(enforce(Tensor(), MATRIX), np.eye(2))
    assert Example.of((Tensor(), {"n": 1})).kind == "ndarray"


def test_a_sparse_matrix_stays_one() -> None:
    rows = scipy.sparse.csr_matrix(np.eye(2))
    columns = scipy.sparse.csc_matrix(np.eye(2, dtype=np.int64))
    assert enforce(rows, MATRIX) is rows
    assert (enforce(columns, MATRIX).format, enforce(columns, MATRIX).dtype) == ("csc", np.float64)


def test_a_sparse_matrix_that_would_lose_something_is_refused() -> None:
    with pytest.raises(SchemaMismatch, match="a number that 32 bits cannot hold"):
        enforce(scipy.sparse.csr_matrix([[0.1, 0.0]]), tensor("float32", -1, 2))


ACCEPTED: list[tuple[Any, Schema, Any]] = [
    ([[1, 2.5]], MATRIX, np.array([[1.0, 2.5]])),
    ([[1, None]], MATRIX, np.array([[1.0, np.nan]])),
    ([["1.5", "NaN"]], MATRIX, np.array([[1.5, np.nan]])),
    ([[0.1]], tensor("float32", -1, 1), np.array([[0.1]], np.float32)),
    ([1.0, 255], tensor("uint8", -1), np.array([1, 255], np.uint8)),
    ([2**64 - 1], tensor("uint64", -1), np.array([2**64 - 1], np.uint64)),
    ([True, False], tensor("bool", -1), np.array([True, False])),
    (["x", "yz"], tensor("str", -1), np.array(["x", "yz"])),
    (["x"], tensor("bytes", -1), np.array([b"x"])),
    (["2024-01-02"], tensor("datetime64[ns]", -1), np.array(["2024-01-02"], "M8[ns]")),
    (["2024-01-02"], tensor("datetime64[D]", -1), np.array(["2024-01-02"], "M8[D]")),
    ([[1, 2], [3]], tensor("object", -1), np.array([[1, 2], [3]], object)),
    ([[1, "x"]], tensor("object", -1, 2), np.array([[1, "x"]], object)),
    ([1.5], tensor("complex128", -1), np.array([1.5 + 0j])),
    ([], tensor("float64", -1), np.array([])),
    ([[[1], [2]]], tensor("int64", 1, -1, 1), np.array([[[1], [2]]])),
]


@pytest.mark.parametrize(("data", "schema", "expected"), ACCEPTED, ids=str)
def test_lists_of_json_become_an_array(data: Any, schema: Schema, expected: Any) -> None:
    array = enforce_tensors(data, schema, source=Source.JSON)
    np.testing.assert_array_equal(array, expected)
    assert array.dtype == expected.dtype


REFUSED: list[tuple[Any, Schema, str, str | None]] = [
    ([[1, 2, 3]], MATRIX, "a tensor of shape (1, 3)", None),
    ([1, 2], MATRIX, "a tensor of shape (2,)", None),
    ([[1, 2], [3]], MATRIX, "lists of different lengths", None),
    ([[1, 2], 3], MATRIX, "lists of different lengths", None),
    ([[1, [2]]], MATRIX, "a list", "[0][1]"),
    ([[[[1]]]], MATRIX, "a tensor of shape (1, 1, 1)", None),
    ([[1, 2], [3, True]], MATRIX, "a boolean", "[1][1]"),
    ([[1, "x"]], MATRIX, "text that is not a number", "[0][1]"),
    ([1.5], tensor("int64", -1), "a number with a fraction", "[0]"),
    ([256], tensor("uint8", -1), "an integer that 8 bits cannot hold", "[0]"),
    ([None], tensor("int64", -1), "a missing value (null)", "[0]"),
    ([1e300], tensor("float32", -1), "a number that 32 bits cannot hold", "[0]"),
    ([1], tensor("bool", -1), "an integer", "[0]"),
    ([1], tensor("str", -1), "an integer", "[0]"),
    (["x", None], tensor("str", -1), "a missing value (null)", "[1]"),
    (["x\0"], tensor("str", -1), "a zero at the end", "[0]"),
    (["2024-01-02T05:00"], tensor("datetime64[D]", -1), "a date that datetime64[D] cannot hold", "[0]"),
    ([1], tensor("timedelta64[ns]", -1), "values that cannot become timedelta64[ns]", None),
    ({"a": 1}, MATRIX, "an object", None),
    ("x", MATRIX, "text", None),
    (None, MATRIX, "a missing value (null)", None),
]


@pytest.mark.parametrize(("data", "schema", "got", "field"), REFUSED, ids=str)
def test_json_that_is_not_the_tensor_is_refused(data: Any, schema: Schema, got: str, field: str | None) -> None:
    with pytest.raises(SchemaMismatch) as caught:
        enforce_tensors(data, schema, source=Source.JSON)
    assert (caught.value.got, caught.value.field) == (got, field)


def test_an_array_of_another_dtype_is_converted_if_nothing_is_lost() -> None:
    assert enforce(np.array([[1, 2]]), MATRIX).dtype == np.float64
    assert enforce(np.array([[0.5, 1]]), tensor("float32", -1, 2)).dtype == np.float32
    with pytest.raises(SchemaMismatch, match=r"'\[1\]\[0\]' expects a tensor of int64 with shape \(-1, 1\)"):
        enforce(np.array([[1.0], [1.5]]), tensor("int64", -1, 1))


def test_text_and_bytes_of_any_length_fit() -> None:
    texts, binary = np.array(["x", "yz"]), np.array([b"x"])
    assert enforce(texts, tensor("str", -1)) is texts
    assert enforce(binary, tensor("bytes", -1)) is binary
    assert enforce(np.array(["x"], object), tensor("str", -1)).dtype == "<U1"


def test_rows_of_different_length_are_left_to_the_model() -> None:
    ragged = np.array([np.zeros(2), np.zeros(3)], object)
    assert enforce(ragged, tensor("float64", -1, -1)) is ragged
    assert enforce(ragged, tensor("object", -1)) is ragged


def test_tensors_with_names_come_as_a_dictionary() -> None:
    given = enforce_tensors({"b": [1], "a": [[0.1, 2]], "c": "dropped"}, NAMED, source=Source.JSON)
    assert {name: array.dtype.name for name, array in given.items()} == {"a": "float32", "b": "int64"}


def test_tensors_that_are_missing_are_named() -> None:
    with pytest.raises(SchemaMismatch, match="expects the tensors 'b', got none of these names"):
        enforce({"a": np.zeros((1, 2), np.float32)}, NAMED)
    with pytest.raises(SchemaMismatch, match="a dictionary of tensors by name, got a list"):
        enforce(np.zeros((1, 2)), NAMED)


def test_the_path_to_what_is_wrong_begins_with_the_name() -> None:
    with pytest.raises(SchemaMismatch) as caught:
        enforce_tensors({"a": [[1, 2]], "b": [1.5]}, NAMED, source=Source.JSON)
    assert caught.value.field == "b[0]"


def test_the_only_tensor_needs_no_name() -> None:
    schema = Schema([TensorSpec("float64", (-1,), "x")])
    assert list(enforce(np.array([1.5]), schema)["x"]) == [1.5]


def test_a_frame_of_numbers_is_a_matrix() -> None:
    matrix = enforce(pd.DataFrame({"a": [1, 2], "b": [1.5, 2.5]}), MATRIX)
    np.testing.assert_array_equal(matrix, [[1.0, 1.5], [2.0, 2.5]])
    assert matrix.flags.f_contiguous


def test_a_frame_of_lists_is_a_tensor_with_a_row_in_each() -> None:
    schema = tensor("float32", -1, 2, 2)
    lists = pd.DataFrame({"image": [[1, 2, 3, 4], [5, 6, 7, 8.5]]})
    arrays = pd.DataFrame({"image": [np.arange(4.0), np.arange(4.0)]})
    assert enforce(lists, schema).tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8.5]]]
    assert enforce(arrays, schema).shape == (2, 2, 2)


def test_a_frame_has_a_column_for_each_named_tensor() -> None:
    given = enforce(pd.DataFrame({"b": [1, 2], "a": [[1, 2], [3, 4]], "c": "dropped"}), NAMED)
    assert {name: array.shape for name, array in given.items()} == {"a": (2, 2), "b": (2,)}


def test_a_column_of_a_tensor_that_comes_twice_is_refused() -> None:
    with pytest.raises(SchemaMismatch, match="'b' expects one column of this name, got several"):
        enforce_tensor_columns(["a", "b", "b"], [[[1, 2]], [1], [2]], NAMED, source=Source.JSON)


def test_lists_that_contain_themselves_are_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(SchemaMismatch):
        enforce(endless, MATRIX)


def test_a_series_is_a_frame_of_one_column() -> None:
    assert enforce(pd.Series([1, 2]), tensor("float64", -1, 1)).shape == (2, 1)


def test_columns_of_json_are_read_by_the_same_rules() -> None:
    given = enforce_tensor_columns(None, [[0.1, 2], [3, 4]], tensor("float32", -1, 2), source=Source.JSON)
    np.testing.assert_array_equal(given, np.array([[0.1, 3], [2, 4]], np.float32))


@pytest.mark.parametrize(
    ("frame", "schema"),
    [
        (pd.DataFrame({"a": []}), MATRIX),
        (pd.DataFrame({"a": [1], "b": [2], "c": [3]}), MATRIX),
        (pd.DataFrame({"a": [1.5]}), MATRIX),
        (pd.DataFrame({"a": [[1, 2, 3]]}), MATRIX),
        (pd.DataFrame({"a": [[1, 2], 3]}), MATRIX),
        (pd.DataFrame({"a": [np.eye(2)]}), MATRIX),
        (pd.DataFrame({"a": [[1, "x"]]}), MATRIX),
        (pd.DataFrame({"a": [1.5], "b": ["x"]}), MATRIX),
        (pd.DataFrame({"a": [[1, 2]]}), tensor("float64", -1, -1)),
        (pd.DataFrame({"a": [1.5]}), tensor("float64", 1)),
        (pd.DataFrame({"a": [[1, 2]]}), NAMED),
    ],
    ids=str,
)
def test_a_frame_that_is_not_the_tensor_is_refused(frame: Any, schema: Schema) -> None:
    with pytest.raises(SchemaMismatch):
        enforce(frame, schema)
