"""A Booster and two of the scikit-learn classes."""

from typing import Any

import lightgbm
from sklearn.datasets import load_diabetes, load_iris

from tests.flavors.cases import Case

_QUIET: dict[str, Any] = {"verbose": -1, "num_threads": 1}


def booster() -> Case:
    """Probabilities of three classes."""
    data, target = load_iris(return_X_y=True, as_frame=True)
    options = {"objective": "multiclass", "num_class": 3, **_QUIET}
    model = lightgbm.train(options, lightgbm.Dataset(data, target), num_boost_round=8)
    return Case(model, data.iloc[::17], lambda native, rows: native.predict(rows))


def classifier() -> Case:
    """The class of flowers."""
    data, target = load_iris(return_X_y=True, as_frame=True)
    model = lightgbm.LGBMClassifier(n_estimators=8, **_QUIET).fit(data, target)
    options = {"serialization_format": "cloudpickle"}
    return Case(model, data.iloc[::17], lambda native, rows: native.predict(rows), options=options)


def regressor() -> Case:
    """The course of diabetes, written as a plain pickle."""
    data, target = load_diabetes(return_X_y=True, as_frame=True)
    model = lightgbm.LGBMRegressor(n_estimators=8, **_QUIET).fit(data, target)
    options = {"serialization_format": "pickle"}
    return Case(model, data.iloc[::50], lambda native, rows: native.predict(rows), options=options)


CASES = {"booster": booster, "classifier": classifier, "regressor": regressor}
