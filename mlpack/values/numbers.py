"""Numbers and booleans, to numpy arrays of the dtype that is asked for, where nothing is lost."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np

from mlpack.values.kinds import Misfit, Source, each, is_integer, is_missing, kind_of, kind_of_array

NDArray: TypeAlias = np.ndarray[Any, Any]
DType: TypeAlias = np.dtype[Any]

_FLOATS = {float}
_PLAIN = frozenset({float, int, type(None)})
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NO_NUMBER = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_DIGITS = 400
_DOUBLE = np.dtype(np.float64)


def to_floats(values: list[Any] | NDArray, dtype: DType, source: Source) -> NDArray:
    """Floating-point numbers; what is missing becomes NaN.

    From Python nothing may be lost. From JSON and text a decimal number becomes the nearest float, but one that would
    become infinite or zero is refused. Integers must be held exactly, wherever they come from.
    """
    if isinstance(values, np.ndarray):
        return _floats_of_array(values, dtype, source)
    kinds = set(map(type, values))
    if kinds == _FLOATS and dtype is _DOUBLE:
        return np.array(values, dtype)
    array = None
    if kinds <= _PLAIN:
        array = _all_at_once(values, dtype, exact=int in kinds)
    elif source is not Source.PYTHON and kinds <= {str, type(None)}:
        array = _texts_at_once(values, dtype)
    if array is None:
        array = np.array(each(values, lambda value: _float(value, dtype, source)), _DOUBLE)
    return array if dtype == _DOUBLE else _narrow(array, dtype, exact=source is Source.PYTHON)


def _limit(dtype: DType) -> float:
    """The largest integer up to which a float dtype holds all integers: 2^53 for float64."""
    return float(2.0 ** (np.finfo(dtype).nmant + 1))


def _all_at_once(values: list[Any], dtype: DType, exact: bool) -> NDArray | None:
    """Plain Python numbers and None as doubles; None where that could lose something and each must be looked at."""
    try:
        array = np.array(values, _DOUBLE)
    except OverflowError:
        return None
    return None if exact and (np.abs(array) >= _limit(dtype)).any() else array


def _texts_at_once(values: list[str | None], dtype: DType) -> NDArray | None:
    """Text as doubles, like `_all_at_once`."""
    texts = ["nan" if text is None else text for text in values]
    try:
        array = np.array(list(map(float, texts)), _DOUBLE) if _plainly_written(texts) else None
    except ValueError:
        return None
    return None if array is None or (np.abs(array) >= _limit(dtype)).any() else array


def _plainly_written(texts: list[str]) -> bool:
    """Whether Python's float() and int() read no more than a number: not ``1_0``, nor digits of another script."""
    joined = "".join(texts)
    return joined.isascii() and "_" not in joined


def _floats_of_array(values: NDArray, dtype: DType, source: Source) -> NDArray:
    if values.dtype.kind == "f":
        if values.dtype.itemsize <= dtype.itemsize:
            return values.astype(dtype, copy=False)
        return _narrow(values, dtype, exact=source is Source.PYTHON)
    if values.dtype.kind in "iu":
        limit = _limit(dtype)
        if not values.size or (int(values.max()) <= limit and int(values.min()) >= -limit):
            return values.astype(dtype)
        return to_floats(values.tolist(), dtype, source)
    raise Misfit(kind_of_array(values))


def _narrow(array: NDArray, dtype: DType, exact: bool) -> NDArray:
    """Floats in a narrower dtype."""
    with np.errstate(over="ignore", under="ignore"):
        out = array.astype(dtype)
    lost = (out != array) & ~np.isnan(array)
    if not exact:
        lost &= np.isinf(out) | (out == 0)
    if lost.any():
        raise Misfit(f"a number that {dtype.itemsize * 8} bits cannot hold", row=int(lost.argmax()))
    return out


def _float(value: Any, dtype: DType, source: Source) -> float:
    if is_missing(value):
        return float("nan")
    if isinstance(value, str) and source is not Source.PYTHON:
        return _float_of_text(value.strip(), dtype)
    if is_integer(value):
        return _float_of_integer(int(value), dtype)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        exact = number == value
    elif isinstance(value, Decimal):
        # A decimal is what it is written as: it fits if the nearest double is written the same.
        number = float(value)
        exact = Decimal(repr(number)) == value
    else:
        raise Misfit(kind_of(value))
    if not exact:
        raise Misfit("a number with more digits than a double holds")
    return number


def _float_of_integer(value: int, dtype: DType) -> float:
    with np.errstate(over="ignore"):
        try:
            number = float(dtype.type(float(value)))
            if int(number) == value:
                return number
        except OverflowError:
            pass
    raise Misfit(f"an integer that {dtype.itemsize * 8} bits of a float cannot hold")


def _float_of_text(text: str, dtype: DType) -> float:
    if len(text) > _DIGITS:
        raise Misfit("a long text")
    if _INTEGER.fullmatch(text):
        return _float_of_integer(int(text), dtype)
    if _NO_NUMBER.fullmatch(text):
        return float(text)
    if not _NUMBER.fullmatch(text):
        raise Misfit("text that is not a number")
    number = float(text)
    if np.isinf(number):
        raise Misfit("a number that a double cannot hold")
    return number


def to_integers(values: list[Any] | NDArray, dtype: DType, source: Source) -> NDArray:
    """Whole numbers inside the range of the dtype."""
    array = values if isinstance(values, np.ndarray) else _array_of_numbers(values, source)
    if array is not None and array.dtype.kind not in "iuf":
        raise Misfit(kind_of_array(array))
    if array is not None and _all_inside(array, np.iinfo(dtype)):
        return array.astype(dtype, copy=False)
    rest = values.tolist() if isinstance(values, np.ndarray) else values
    return np.array(each(rest, lambda value: _integer(value, dtype, source)), dtype)


def _array_of_numbers(values: list[Any], source: Source) -> NDArray | None:
    """Python ints, Python floats or text that are nothing but integers, as an array; None for anything else."""
    kinds = set(map(type, values))
    try:
        if kinds == {str} and source is not Source.PYTHON and _plainly_written(values):
            return np.array(list(map(int, values)), np.int64)
        return np.array(values, np.int64 if kinds == {int} else _DOUBLE) if kinds in ({int}, {float}) else None
    except (OverflowError, ValueError):
        return None


def _all_inside(array: NDArray, info: np.iinfo[Any]) -> bool:
    """Whether every number is whole and inside the range."""
    if not array.size:
        return True
    if array.dtype.kind in "iu":
        return int(array.min()) >= info.min and int(array.max()) <= info.max
    # The bounds are powers of two, exact as doubles; NaN is in no range.
    wide = array.astype(np.result_type(array, _DOUBLE), copy=False)
    inside = (wide >= float(info.min)) & (wide < 2.0 ** (info.bits - (info.min < 0))) & (np.trunc(wide) == wide)
    return bool(inside.all())


def _integer(value: Any, dtype: DType, source: Source) -> int:
    if isinstance(value, str) and source is not Source.PYTHON:
        number = _integer_of_text(value.strip(), source)
    elif isinstance(value, Decimal) and value.is_finite():
        number = _whole(value)
    elif is_integer(value) or (
        isinstance(value, (float, np.floating)) and np.isfinite(value) and value == np.trunc(value)
    ):
        number = int(value)
    else:
        raise Misfit(kind_of(value))
    info = np.iinfo(dtype)
    if not info.min <= number <= info.max:
        raise Misfit(f"an integer that {info.bits} bits cannot hold")
    return number


def _integer_of_text(text: str, source: Source) -> int:
    if len(text) > _DIGITS:
        raise Misfit("a long text")
    if _INTEGER.fullmatch(text):
        return int(text)
    if source is Source.TEXT and _NUMBER.fullmatch(text):
        return _whole(Decimal(text))
    raise Misfit("text that is not an integer")


def _whole(number: Decimal) -> int:
    # Looked at by exponent first: int(Decimal("1e999999999")) would not end.
    if number and number.adjusted() > _DIGITS:
        raise Misfit("a number that is too large")
    if number != number.to_integral_value():
        raise Misfit("a number with a fraction")
    return int(number)


def to_booleans(values: list[Any] | NDArray, dtype: DType, source: Source) -> NDArray:
    """Booleans, which no number is; a cell of text says true, false, 1 or 0."""
    if isinstance(values, np.ndarray):
        if values.dtype.kind != "b":
            raise Misfit(kind_of_array(values))
        return values
    if not set(map(type, values)) <= {bool}:
        values = each(values, lambda value: _boolean(value, source))
    return np.array(values, dtype)


def _boolean(value: Any, source: Source) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if source is Source.TEXT and isinstance(value, str) and (said := _BOOLEANS.get(value.strip().lower())) is not None:
        return said
    raise Misfit(kind_of(value))


_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
