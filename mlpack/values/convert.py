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


def convert(values: Values, to: DataType, source: Source, *, optional: bool = False) -> NDArray:
    """The values of a column as a one-dimensional array of its type; text and bytes are in an array of objects.

    In an optional column of integers that has missing values they become NaN among doubles, in one of booleans None
    among objects. Raises Misfit for the first value that does not fit.
    """
    plain = values if type(values) is list else as_plain(values)
    if optional and to.numpy.kind in "bi":
        return _with_missing(plain, to.numpy, source)
    return convert_plain(plain, to.numpy, source)


def convert_plain(values: list[Any] | NDArray, dtype: DType, source: Source) -> NDArray:
    """The same for values as `as_plain` gives them, and for any dtype of a boolean, number, text, bytes or datetime."""
    return _CONVERTERS[dtype.kind](values, dtype, source)


def as_plain(values: Values) -> list[Any] | NDArray:
    """A list of Python objects, or a one-dimensional array of booleans, numbers or datetimes; zones become UTC."""
    if not hasattr(values, "dtype"):
        return list(values)
    array = values if isinstance(values, np.ndarray) else _array_of_series(values)
    if array.ndim != 1:
        raise Misfit("a list")
    return array.tolist() if array.dtype.kind in "OUS" else array


def _array_of_series(series: Any) -> NDArray:
    dtype = series.dtype
    if getattr(dtype, "tz", None) is not None:
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    elif not isinstance(dtype, np.dtype):
        missing = series.isna()
        # pandas' own dtypes of numbers say which of numpy's they are; that one has no room for what is missing.
        own = object if missing.any() else getattr(dtype, "numpy_dtype", object)
        series = series.astype(own).where(~missing, None)
    return np.asarray(series)


def _with_missing(values: list[Any] | NDArray, dtype: DType, source: Source) -> NDArray:
    if isinstance(values, np.ndarray) and values.dtype.kind != "f":
        return convert_plain(values, dtype, source)
    items: list[Any] = values.tolist() if isinstance(values, np.ndarray) else values
    rows = [row for row, value in enumerate(items) if not is_missing(value)]
    try:
        present = convert_plain([items[row] for row in rows], dtype, source)
        if len(rows) == len(items):
            return present
        if dtype.kind != "b":
            present = to_floats(present, DataType.double.numpy, Source.PYTHON)
    except Misfit as misfit:
        misfit.row = None if misfit.row is None else rows[misfit.row]
        raise
    out = objects([None] * len(items)) if dtype.kind == "b" else np.full(len(items), np.nan)
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
            return to_integers(plain, DataType.long.numpy, Source.PYTHON)
        if kinds & {int, float}:
            return to_floats(plain, DataType.double.numpy, Source.PYTHON)
    except Misfit:
        pass
    return objects(plain)
