"""Inputs of several requests as one, and the predictions for it cut into those of each request."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from mlpack.payloads.cells import Cells
from mlpack.table import Table

#: Said once: a union is made anew each time that it is written in a call.
_WITH_ROWS = (Cells, Table)


def likeness(data: Any) -> Hashable | None:
    """What inputs must have in common to be joined: names, dtypes and all dimensions but the first; None for one that
    is never joined.

    A column of text in which nothing is there has another dtype in a DataFrame than one in which something is.
    """
    if type(data) is Cells:
        return data.likeness
    if type(data) is Table:
        if data.index is not None or not data.columns:
            return None
        dtypes = tuple([column.dtype for column in data.columns])
        texts = [column.tolist() for column in data.columns if column.dtype.kind == "O"]
        return (data.names, dtypes), tuple([all(cell is None for cell in cells) for cells in texts])
    if isinstance(data, np.ndarray):
        return _likeness_of_array(data)
    if isinstance(data, dict) and data and all(isinstance(each, np.ndarray) for each in data.values()):
        parts = {name: _likeness_of_array(each) for name, each in data.items()}
        lengths = {len(each) if each.ndim else None for each in data.values()}
        return None if None in parts.values() or len(lengths) != 1 else tuple(parts.items())
    return None


def _likeness_of_array(array: np.ndarray[Any, Any]) -> Hashable | None:
    return (array.dtype, array.shape[1:]) if array.ndim and array.dtype.kind in "biufM" else None


def count_rows(data: Any) -> int:
    """How many rows an input has; 1 where that cannot be told, or there are none."""
    if isinstance(data, _WITH_ROWS):
        return data.rows or 1
    first = next(iter(data.values()), None) if isinstance(data, dict) else data
    shape = getattr(first, "shape", (len(first),) if isinstance(first, list) else ())
    return max(1, shape[0]) if shape else 1


def join(parts: Sequence[Any]) -> Any:
    """Inputs of one :func:`likeness` as one input, in their order."""
    first = parts[0]
    if all(type(part) is Cells for part in parts):
        return first.together(parts)
    tables = [part.table() if type(part) is Cells else part for part in parts]
    if isinstance(tables[0], Table):
        columns = [np.concatenate(column) for column in zip(*(table.columns for table in tables), strict=True)]
        return Table(tables[0].names, columns, sum(table.rows for table in tables))
    if isinstance(first, dict):
        return {name: np.concatenate([part[name] for part in parts]) for name in first}
    return np.concatenate(parts)


def split(predictions: Any, sizes: Sequence[int]) -> list[Any] | None:
    """The predictions for each of the inputs that were joined, or None where they are not one for each row."""
    if isinstance(predictions, Mapping):
        parts = {name: split(each, sizes) for name, each in predictions.items()}
        if not parts or None in parts.values():
            return None
        return [dict(zip(parts, each, strict=True)) for each in zip(*parts.values(), strict=True)]
    rows = _rows(predictions)
    if rows is None or len(rows) != sum(sizes):
        return None
    ends = list(accumulate(sizes))
    return [rows[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _rows(predictions: Any) -> Any:
    """What can be cut row by row, and is written as the predictions are; None for anything that has no rows."""
    if isinstance(predictions, list):
        return predictions
    if isinstance(predictions, np.ndarray) and predictions.ndim:
        return predictions.tolist() if predictions.dtype in _LISTED else predictions
    return getattr(predictions, "iloc", None)


#: Arrays that are written as lists of them are, which are cut in less time.
_LISTED = frozenset(map(np.dtype, ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")))
