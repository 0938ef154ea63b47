"""Predicting with scikit-learn on arrays where the caller has named columns.

A DataFrame costs scikit-learn about 0.5 ms a call, and some milliseconds where columns are picked from it: building it,
and checking its names and types over and over. Whatever answers the same on arrays is asked by arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mlpack.table import Table
from mlpack_flavors.sklearn_twins import twin_of

#: Columns with gaps may be others in each request: so many sets of them are tried out.
_TRIED = 64


def array_twin(model: Any, method: str) -> Callable[[Table], Any] | None:
    """A function that predicts on a Table by way of arrays, or None where the model may look at columns.

    The first table is predicted both ways, and where it matters the first with gaps in these columns and no others: the
    arrays are used from then on only if the answers are equal.
    """
    twin = twin_of(model, method)
    if twin is None:
        return None
    names = getattr(model, "feature_names_in_", None)
    wanted = None if names is None else tuple(names)
    by_frame = getattr(model, method)
    tried: set[tuple[bool, ...]] = set()
    equal = True

    def predict(table: Table) -> Any:
        nonlocal equal
        # Columns in another order than in training are an error of scikit-learn's, which the frame brings about.
        fits = equal and (wanted is None or table.names == wanted)
        taken = twin.take(table) if fits else None
        if taken is None:
            return by_frame(table.frame())
        gaps = tuple(map(_has_gaps, table.columns)) if twin.minds_gaps else ()
        if gaps not in tried and len(tried) < _TRIED:
            answer = by_frame(table.frame())
            equal = _same(answer, twin.call(taken))
            tried.add(gaps)
            return answer
        return twin.call(taken)

    return predict


def _has_gaps(column: np.ndarray[Any, Any]) -> bool:
    if column.dtype.kind == "f":
        return bool(np.isnan(column).any())
    return column.dtype.kind == "O" and any(cell is None for cell in column.tolist())


def _same(one: Any, other: Any) -> bool:
    return (
        isinstance(one, np.ndarray)
        and isinstance(other, np.ndarray)
        and one.dtype == other.dtype
        and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    )
