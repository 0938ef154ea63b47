"""Predicting with scikit-learn on arrays where the caller has named columns.

A DataFrame costs scikit-learn about 0.5 ms a call, and some milliseconds where columns are picked from it: building it,
and checking its names and types over and over. An estimator that does not look at columns one by one answers the same
on the array of their values, which costs a fifth. It gets a twin that has forgotten the feature names, so that
scikit-learn neither checks them nor warns; a ColumnTransformer gives each of its parts the array of its columns.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpack.table import Table
from mlpack_flavors.sklearn_linear import linear_predict

#: Classes of scikit-learn that look at names or types of columns, or hand a frame to functions of the user.
_COLUMN_AWARE = frozenset({"ColumnTransformer", "FunctionTransformer", "HistGradientBoostingClassifier"})
_COLUMN_AWARE |= {"HistGradientBoostingRegressor", "TargetEncoder"}
#: Columns with gaps may be others in each request: so many sets of them are tried out.
_TRIED = 64


@dataclass(frozen=True)
class Twin:
    """Predicts on what ``take`` makes of a table, None where that is nothing it can predict on."""

    take: Callable[[Table], Any]
    call: Callable[[Any], Any]
    #: Whether columns with gaps go another way than those without.
    minds_gaps: bool = False


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


def twin_of(model: Any, method: str) -> Twin | None:
    """The twin of a fitted model of scikit-learn, or None where it is not known to ignore columns."""
    from mlpack_flavors.sklearn_columns import column_twin

    if type(model).__module__.partition(".")[0] != "sklearn":
        return None
    if "transform" in getattr(model, "_sklearn_output_config", {}):
        return None
    if type(model).__name__ == "ColumnTransformer":
        return column_twin(model) if method == "transform" else None
    if type(model).__name__ == "Pipeline":
        return _chain(model, method)
    if type(model).__name__ in _COLUMN_AWARE or any(map(_holds_estimator, model.get_params(deep=False).values())):
        return None
    forgetful = copy.copy(model)
    vars(forgetful).pop("feature_names_in_", None)
    call = getattr(forgetful, method)
    return Twin(Table.matrix, linear_predict(model, method, call) or call)


def _chain(pipeline: Any, method: str) -> Twin | None:
    """One step after the other, which is all that a fitted pipeline does."""
    (*others, last) = [step for _, step in pipeline.steps if step not in (None, "passthrough")]
    twins = [*(twin_of(step, "transform") for step in others), twin_of(last, method)]
    first, *rest = twins
    if first is None or any(twin is None or twin.take != Table.matrix for twin in rest):
        return None
    calls = [twin.call for twin in twins if twin is not None]

    def call(data: Any) -> Any:
        for each in calls:
            data = each(data)
        return data

    return Twin(first.take, call, first.minds_gaps)


def _holds_estimator(value: Any) -> bool:
    return any(map(_holds_estimator, value)) if isinstance(value, (list, tuple)) else hasattr(value, "fit")


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
