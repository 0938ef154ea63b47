"""Many rows of JSON numbers as one array, made row by row: so they lie in memory, in which columns jump about."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from mlpack.schema import Schema

_MANY = 64
_NUMBERS = frozenset({float, int, type(None)})
_DIGITS = np.finfo(np.float64).nmant


def columns_of_numbers(rows: Sequence[Sequence[Any]], schema: Schema | None) -> list[np.ndarray[Any, Any]] | None:
    """The columns of rows of equal length as doubles, NaN for null, or None where lists must be made of them.

    That is where there are few, or other things than numbers, or where the schema could tell a double from what came:
    because of its types, or because an integer has more digits than one of them. Without a schema, any integer.
    """
    if len(rows) < _MANY:
        return None
    exact = 0.0 if schema is None else exact_below(schema)
    if exact is None:
        return None
    kinds = set(map(type, chain.from_iterable(rows)))
    if not kinds <= _NUMBERS or not kinds or (schema is None and kinds != {float}):
        return None
    try:
        matrix = np.array(rows, np.float64)
    except (OverflowError, ValueError):  # a long integer, rows of different length
        return None
    if int in kinds and (np.abs(matrix) >= exact).any():
        return None
    return list(np.ascontiguousarray(matrix.T))


def exact_below(schema: Schema) -> float | None:
    """Up to where integers are themselves in each type of a schema and as doubles; None where not all are numbers."""
    dtypes = [getattr(kind, "numpy", kind) for kind in schema.input_types()]
    if not all(isinstance(dtype, np.dtype) and dtype.kind in "iuf" for dtype in dtypes):
        return None
    return 2.0 ** (1 + min([_DIGITS, *(np.finfo(dtype).nmant for dtype in dtypes if dtype.kind == "f")]))
