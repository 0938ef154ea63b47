"""What Python callers give to predict, taken apart into columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np

from mlpack.datatypes import Array, Map, Object
from mlpack.errors import SchemaMismatch
from mlpack.schema import Schema
from mlpack.values import Values, kind_of

_TABLE = "a DataFrame, an array, a dictionary of columns, or a list of rows"


def is_pandas(data: Any) -> bool:
    """Whether data is a DataFrame or a Series, told without importing pandas."""
    return hasattr(data, "iloc")


def as_array(data: Any) -> Any:
    """A tensor of a framework, on whatever device, as an array; anything else as it is."""
    if isinstance(data, (np.ndarray, np.generic)) or is_pandas(data) or not hasattr(data, "__array__"):
        return data
    return np.asarray(data.detach().cpu() if hasattr(data, "detach") else data)


def positions_of(names: Sequence[Hashable], wanted: Iterable[Hashable]) -> dict[Hashable, int]:
    """Where the column of each name is; raises SchemaMismatch where one that is wanted comes twice."""
    try:
        positions = dict(zip(names, range(len(names)), strict=True))
    except TypeError:
        raise SchemaMismatch(None, expected="text as names of columns", got="lists or objects") from None
    if len(positions) != len(names):
        counts = Counter(names)
        for name in wanted:
            if counts[name] > 1:
                raise SchemaMismatch(str(name), expected="one column of this name", got="several")
    return positions


def columns_of(data: Any, schema: Schema) -> tuple[Sequence[Hashable] | None, Sequence[Values]]:
    """Names (None for positions) and columns of a scalar, list, dictionary or array, read as MLflow reads it.

    A list of dictionaries is of rows, so is a list of lists; any other list is one column. A dictionary is one row
    where its values are all scalars or the schema has nested types, else it is of columns. Raises SchemaMismatch for
    anything else.
    """
    if isinstance(data, dict):
        return list(data), _of_dict(list(data.values()), schema)
    if isinstance(data, np.ndarray):
        return _of_array(data)
    if isinstance(data, list):
        return _of_list(data)
    if np.isscalar(data) or isinstance(data, date):
        return None, [[data]]
    raise SchemaMismatch(None, expected=_TABLE, got=kind_of(data))


def _is_column(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _of_dict(values: list[Any], schema: Schema) -> list[Values]:
    nested = any(isinstance(each.type, (Array, Object, Map)) for each in schema.columns)
    if nested or not any(map(_is_column, values)):
        return [[value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value] for value in values]
    rows = max(len(value) for value in values if _is_column(value))
    columns = [value if _is_column(value) else [value] * rows for value in values]
    if any(len(column) != rows for column in columns):
        raise SchemaMismatch(None, expected="columns of equal length", got="columns of different lengths")
    return columns


def _of_array(data: np.ndarray[Any, Any]) -> tuple[Sequence[Hashable] | None, Sequence[Values]]:
    if data.dtype.names is not None and data.ndim == 1:
        return data.dtype.names, [data[name] for name in data.dtype.names]
    if data.ndim > 2:
        raise SchemaMismatch(None, expected=_TABLE, got=f"an array of {data.ndim} dimensions")
    return None, list(np.atleast_1d(data)[None] if data.ndim < 2 else data.T)


def _of_list(data: list[Any]) -> tuple[Sequence[Hashable] | None, Sequence[Values]]:
    if data and all(isinstance(row, dict) for row in data):
        names = list(dict.fromkeys(name for row in data for name in row))
        return names, [[row.get(name) for row in data] for name in names]
    if not data or not all(map(_is_column, data)):
        return None, [data]
    width = len(data[0])
    if any(len(row) != width for row in data):
        raise SchemaMismatch(None, expected="rows of equal length", got="rows of different lengths")
    return None, [[row[position] for row in data] for position in range(width)]
