"""Predicting with scikit-learn on an array where the caller has named columns.

A DataFrame costs scikit-learn about 0.5 ms a call: building it, and checking its names and types. An estimator that
does not look at columns one by one answers the same on the array of their values, which costs a fifth. It gets a twin
that has forgotten the feature names, so that scikit-learn neither checks them nor warns.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from mlpack.table import Table

#: Classes of scikit-learn that look at names or types of columns, or hand a frame to functions of the user.
_COLUMN_AWARE = frozenset({"ColumnTransformer", "FunctionTransformer", "HistGradientBoostingClassifier"})
_COLUMN_AWARE |= {"HistGradientBoostingRegressor", "TargetEncoder"}


def array_twin(model: Any, method: str) -> Callable[[Table], Any] | None:
    """A function that predicts on a Table by way of an array, or None where the model may look at columns.

    The first table is predicted both ways: the array is used from then on only if the answers are equal.
    """
    twin = _forgetful(model)
    if twin is None:
        return None
    names = getattr(model, "feature_names_in_", None)
    wanted = None if names is None else tuple(names)
    by_frame, by_array = getattr(model, method), getattr(twin, method)
    equal: bool | None = None

    def predict(table: Table) -> Any:
        nonlocal equal
        # Columns in another order than in training are an error of scikit-learn's, which the frame brings about.
        fits = equal is not False and (wanted is None or table.names == wanted)
        matrix = table.matrix() if fits else None
        if matrix is None:
            return by_frame(table.frame())
        if equal is None:
            answer = by_frame(table.frame())
            equal = _same(answer, by_array(matrix))
            return answer
        return by_array(matrix)

    return predict


def _forgetful(model: Any) -> Any:
    """A shallow copy without feature names, or None where the model is not known to ignore columns."""
    if type(model).__module__.partition(".")[0] != "sklearn" or type(model).__name__ in _COLUMN_AWARE:
        return None
    if "transform" in getattr(model, "_sklearn_output_config", {}):
        return None
    twin = copy.copy(model)
    if type(model).__name__ == "Pipeline":
        steps = [(name, step if step in (None, "passthrough") else _forgetful(step)) for name, step in model.steps]
        if any(step is None for _, step in steps):
            return None
        twin.steps = steps
        return twin
    if any(map(_holds_estimator, model.get_params(deep=False).values())):
        return None
    vars(twin).pop("feature_names_in_", None)
    return twin


def _holds_estimator(value: Any) -> bool:
    return any(map(_holds_estimator, value)) if isinstance(value, (list, tuple)) else hasattr(value, "fit")


def _same(one: Any, other: Any) -> bool:
    return (
        isinstance(one, np.ndarray)
        and isinstance(other, np.ndarray)
        and one.dtype == other.dtype
        and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    )
