"""A table is the frame, or the matrix, that pandas would make of the same columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpack.table import Table


def table(*columns: np.ndarray[Any, Any], index: list[Any] | None = None) -> Table:
    """A table of these columns, named a, b, c."""
    return Table(tuple("abc"[: len(columns)]), list(columns), len(columns[0]), index)


def cells(*values: Any) -> np.ndarray[Any, Any]:
    """A column of objects."""
    array = np.empty(len(values), object)
    array[:] = values
    return array


COLUMNS: list[list[np.ndarray[Any, Any]]] = [
    [np.array([1.5, 2.5]), np.array([3.5, np.nan])],
    [np.array([1, 2], np.int32), np.array([3, 4], np.int64)],
    [np.array([1, 2], np.int32), np.array([3, 4], np.float32)],
    [np.array([1, 2], np.int64), np.array([3.5, 4])],
    [np.array([True, False]), np.array([True, True])],
    [np.array([], np.float32)],
    [np.array([True, False]), np.array([1, 2])],
    [np.array(["2024-01-02"], "M8[ns]")],
    [cells("x", None), np.array([1.5, 2.5])],
    [cells([1], {"k": 2})],
]


@pytest.mark.parametrize("columns", COLUMNS, ids=lambda columns: "+".join(each.dtype.name for each in columns))
def test_the_matrix_is_that_of_the_frame(columns: list[np.ndarray[Any, Any]]) -> None:
    expected = pd.DataFrame(dict(zip("abc", columns, strict=False))).to_numpy()
    matrix = table(*columns).matrix()
    if expected.dtype.kind in "OM":
        assert matrix is None
        return
    assert matrix is not None
    np.testing.assert_array_equal(matrix, expected)
    assert (matrix.dtype, matrix.flags.f_contiguous) == (expected.dtype, True)
    assert table(*columns).frame().to_numpy().flags.f_contiguous


@pytest.mark.parametrize("columns", COLUMNS, ids=lambda columns: "+".join(each.dtype.name for each in columns))
def test_the_frame_is_the_one_that_pandas_makes(columns: list[np.ndarray[Any, Any]]) -> None:
    expected = pd.DataFrame(dict(zip("abc", columns, strict=False)))
    pd.testing.assert_frame_equal(table(*columns).frame(), expected)


def test_text_has_the_dtype_that_pandas_gives_to_a_list_of_it() -> None:
    frame = table(cells("x", "y"), cells("x", None), cells(None, None)).frame()
    expected = pd.DataFrame({"a": ["x", "y"], "b": ["x", None], "c": [None, None]})
    pd.testing.assert_frame_equal(frame, expected)


def test_columns_without_names_are_numbered() -> None:
    numbers = Table(None, [np.array([1.5]), np.array([2.5])], 1).frame()
    texts = Table(None, [cells("x"), np.array([2.5])], 1).frame()
    assert all(isinstance(frame.columns, pd.RangeIndex) for frame in (numbers, texts))


def test_rows_have_their_index() -> None:
    assert list(table(np.array([1.5, 2.5]), index=["r", "s"]).frame().index) == ["r", "s"]
    assert list(table(cells("x", "y"), index=[7, 8]).frame().index) == [7, 8]


def test_a_table_without_columns_has_its_rows() -> None:
    empty = Table((), [], 2)
    assert empty.frame().shape == (2, 0)
    assert empty.matrix() is None
