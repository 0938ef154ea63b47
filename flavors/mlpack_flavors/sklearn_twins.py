"""Twins of estimators of scikit-learn that predict on arrays.

An estimator that does not look at columns one by one answers the same on the array of their values as on a DataFrame,
which costs a fifth. Its twin has forgotten the feature names, so that scikit-learn neither checks them nor warns; that
of a ColumnTransformer gives each of its parts the array of its columns.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlpack.table import Table
from mlpack_flavors.sklearn_linear import linear_predict

#: Classes of scikit-learn that look at names or types of columns, or hand a frame to functions of the user.
_COLUMN_AWARE = frozenset({"ColumnTransformer", "FunctionTransformer", "HistGradientBoostingClassifier"})
_COLUMN_AWARE |= {"HistGradientBoostingRegressor", "TargetEncoder"}


@dataclass(frozen=True)
class Twin:
    """Predicts on what ``take`` makes of a table, None where that is nothing it can predict on."""

    take: Callable[[Table], Any]
    call: Callable[[Any], Any]
    #: Whether columns with gaps go another way than those without.
    minds_gaps: bool = False


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
