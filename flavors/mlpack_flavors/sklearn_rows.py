"""Whether a model of scikit-learn predicts each row by itself, so that rows of several requests may go together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

#: Packages whose estimators predict row by row, but for those that are named below.
_LIBRARIES = frozenset({"sklearn", "xgboost", "lightgbm", "catboost", "imblearn"})
#: They draw random numbers by a row's place, or stop when all rows together are good enough.
_JOINTLY = frozenset({"DummyClassifier", "IterativeImputer", "NMF", "MiniBatchNMF"})


def is_row_wise(model: Any) -> bool:
    """True where all that computes is a library's and works row by row; False where a user's code has a part."""
    return all(map(_is_known, _parts(model)))


def _parts(model: Any) -> Iterator[Any]:
    """A model, and the estimators and functions that it is made of."""
    yield model
    params = model.get_params(deep=True) if hasattr(model, "get_params") else {}
    yield from (each for each in params.values() if callable(each) or hasattr(each, "fit") or hasattr(each, "predict"))


def _is_known(part: Any) -> bool:
    if isinstance(part, (type, np.ufunc)):
        return True
    kind = part if hasattr(part, "__name__") else type(part)  # a function says where it is from, as a class does
    if str(getattr(kind, "__module__", "")).partition(".")[0] not in _LIBRARIES or kind.__name__ in _JOINTLY:
        return False
    if kind.__name__ == "FunctionTransformer":  # what it is given gets whole columns
        return all(each is None or isinstance(each, np.ufunc) for each in (part.func, part.inverse_func))
    return True
