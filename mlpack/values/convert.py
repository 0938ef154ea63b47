"""One column of values to one scalar type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mlpack.datatypes import DataType
from mlpack.values.dates import to_datetimes
from mlpack.values.kinds import Misfit, Source, is_missing
from mlpack.values.numbers import DType, NDArray, to_booleans, to_floats, to_integers
from mlpack.values.text import objects, to_binaries, to_texts

if TYPE_CHECKING:
    import pandas as pd

#: What a column can come as; objects of numpy and pandas are told from each other by their dtype.
Values: TypeAlias = "Sequence[Any] | NDArray | pd.Series[Any]"

_CONVERTERS: dict[str, Callable[[list[Any] | NDArray, DType, Source], NDArray]] = {
    "b": to_booleans,
    "i": to_integers,
    "u": to_integers,
    "f": to_floats,
    "U": to_texts,
    "S": to_binaries,
    "M": to_datetimes,
}
_DTYPES = {each: each.numpy for each in DataType}
_TAKE_NO_MISSING = {DataType.boolean, DataType.integer, DataType.long}


def convert(values: Values, to: DataType, source: Source, *, optional: bool = False) -> NDArray:
    """The values of a column as a one-dimensional array of its type; text and bytes are in an array of objects.

    In an optional column of integers that has missing values they become NaN among doubles, in one of booleans None
    among objects. Raises Misfit for the first value that does not fit.
    """
    plain = values if type(values) is list else as_plain(values)
    if optional and to in _TAKE_NO_MISSING:
        return _with_missing(plain, to, source)
    return convert_plain(plain, _DTYPES[to], source)


def convert_plain(values: list[Any] | NDArray, dtype: DType, source: Source) -> NDArray:
    """The same for values as `as_plain` gives them, and for any dtype of a boolean, number, text, bytes or datetime."""
    return _CONVERTERS[dtype.kind](values, dtype, source)


def as_plain(values: Values) -> list[Any] | NDArray:
    """A list of Python objects, or a one-dimensional array of one of numpy's own dtypes; zones become UTC."""
    if not hasattr(values, "dtype"):
        return list(values)
    array = values if isinstance(values, np.ndarray) else _array_of_series(values)
    if array.ndim != 1:
        raise Misfit("a list")
    return array.tolist() if array.dtype == object else array


def _array_of_series(series: Any) -> NDArray:
    dtype, array = series.dtype, series
    if getattr(dtype, "tz", None) is not None:
        array = series.dt.tz_convert("UTC").dt.tz_localize(None)
    elif not isinstance(dtype, np.dtype):
        # Of the dtypes that are pandas' own, those of numbers say which of numpy's they are where nothing is missing.
        missing = series.isna()
        array = series.astype(object).where(~missing, None) if missing.any() else series
        array = array.astype(getattr(dtype, "numpy_dtype", object)) if array is series else array
    return np.asarray(array)


def _with_missing(values: list[Any] | NDArray, to: DataType, source: Source) -> NDArray:
    items: list[Any] = values.tolist() if isinstance(values, np.ndarray) else values
    rows = [row for row, value in enumerate(items) if not is_missing(value)]
    try:
        present = convert_plain([items[row] for row in rows], _DTYPES[to], source)
        if len(rows) == len(items):
            return present
        if to is not DataType.boolean:
            present = to_floats(present, np.dtype(np.float64), Source.PYTHON)
    except Misfit as misfit:
        misfit.row = None if misfit.row is None else rows[misfit.row]
        raise
    out = objects([None] * len(items)) if to is DataType.boolean else np.full(len(items), np.nan)
    out[rows] = present
    return out


def loose(values: Values) -> NDArray:
    """The values of a column of type any: plain numbers and booleans in the dtype of pandas, all else as it is."""
    plain = values if type(values) is list else as_plain(values)
    if isinstance(plain, np.ndarray):
        if plain.dtype.kind not in "biuf":
            return plain if plain.dtype.kind == "M" else plain.astype(object)
        plain = plain.tolist()
    kinds = set(map(type, plain))
    try:
        if kinds == {bool}:
            return np.array(plain, bool)
        if kinds == {int}:
            return to_integers(plain, _DTYPES[DataType.long], Source.PYTHON)
        if kinds & {int, float}:
            return to_floats(plain, _DTYPES[DataType.double], Source.PYTHON)
    except Misfit:
        pass
    return objects(plain)
