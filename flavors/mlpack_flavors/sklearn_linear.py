"""Linear classifiers of scikit-learn, whose prediction is one product: a hundredth of what checking its input costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def linear_predict(model: Any, method: str, checked: Callable[[Any], Any]) -> Callable[[Any], Any] | None:
    """A function that classifies as ``model.predict``, by the same operations; None for any other model or method.

    What scikit-learn would refuse or convert is given to ``checked``. Source: scikit-learn 1.3 to 1.9,
    ``LinearClassifierMixin``.
    """
    from sklearn.linear_model._base import LinearClassifierMixin

    own, theirs = type(model), LinearClassifierMixin
    if method != "predict" or not issubclass(own, theirs):
        return None
    if own.predict is not theirs.predict or own.decision_function is not theirs.decision_function:
        return None
    weights, shift, classes = getattr(model, "coef_", None), getattr(model, "intercept_", None), model.classes_
    if not isinstance(weights, np.ndarray) or weights.ndim != 2 or not isinstance(classes, np.ndarray):
        return None
    turned = weights.T

    def predict(matrix: np.ndarray[Any, Any]) -> Any:
        usual = isinstance(matrix, np.ndarray) and matrix.dtype == np.float64 and matrix.ndim == turned.ndim
        if not usual or matrix.shape[1] != len(turned) or not len(matrix) or not np.isfinite(matrix).all():
            return checked(matrix)
        scores = matrix @ turned + shift
        if scores.shape[1] == 1:
            return classes[(scores[:, 0] > 0).astype(np.int64)]
        return classes[scores.argmax(axis=1)]

    return predict
