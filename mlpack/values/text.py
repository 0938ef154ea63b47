"""Text and bytes, to arrays of Python objects; what is missing stays as it came."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np

from mlpack.values.kinds import Misfit, Source, each, is_missing, kind_of, kind_of_array
from mlpack.values.numbers import DType, NDArray

_SPACE = {ord(space): None for space in " \t\r\n"}


def objects(values: list[Any]) -> NDArray:
    """A one-dimensional array of these objects, lists among them included."""
    array = np.empty(len(values), object)
    array[:] = values
    return array


def to_texts(values: list[Any] | NDArray, dtype: DType, source: Source) -> NDArray:
    """Text, which no number is. A cell of text that is missing becomes NaN, as pandas reads it."""
    if isinstance(values, np.ndarray):
        raise Misfit(kind_of_array(values))
    kinds = set(map(type, values))
    if not kinds <= {str, type(None)}:
        each(values, _check_text)
    if source is Source.TEXT and type(None) in kinds:
        values = [float("nan") if value is None else value for value in values]
    return objects(values)


def _check_text(value: Any) -> None:
    if not isinstance(value, str) and not is_missing(value):
        raise Misfit(kind_of(value))


def to_binaries(values: list[Any] | NDArray, dtype: DType, source: Source) -> NDArray:
    """Bytes; from JSON and text they come as base64, in which line breaks and spaces do not count."""
    if isinstance(values, np.ndarray):
        raise Misfit(kind_of_array(values))
    return objects(each(values, lambda value: _binary(value, source)))


def _binary(value: Any, source: Source) -> Any:
    if isinstance(value, (bytes, bytearray)) or is_missing(value):
        return value
    if not isinstance(value, str) or source is Source.PYTHON:
        raise Misfit(kind_of(value))
    try:
        text = value.translate(_SPACE).encode("ascii")
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Misfit("text that is not base64") from None
    if base64.b64encode(decoded) != text:
        raise Misfit("text that is not canonical base64")
    return decoded
