"""A Booster and two of the scikit-learn classes."""

import xgboost
from sklearn.datasets import load_diabetes, load_iris

from tests.flavors.cases import Case


def booster() -> Case:
    """Probabilities of three classes; the Booster knows the names of the columns."""
    data, target = load_iris(return_X_y=True, as_frame=True)
    options = {"objective": "multi:softprob", "num_class": 3, "max_depth": 3, "nthread": 1}
    model = xgboost.train(options, xgboost.DMatrix(data, target), num_boost_round=8)
    return Case(model, data.iloc[::17], lambda native, rows: native.predict(xgboost.DMatrix(rows)))


def classifier() -> Case:
    """The class of flowers."""
    data, target = load_iris(return_X_y=True, as_frame=True)
    model = xgboost.XGBClassifier(n_estimators=8, max_depth=3, n_jobs=1).fit(data, target)
    return Case(model, data.iloc[::17], lambda native, rows: native.predict(rows))


def regressor() -> Case:
    """The course of diabetes, from an array without names."""
    data, target = load_diabetes(return_X_y=True)
    model = xgboost.XGBRegressor(n_estimators=8, n_jobs=1).fit(data, target)
    options = {"model_format": "json"}
    return Case(model, data[:9], lambda native, rows: native.predict(rows), options=options)


CASES = {"booster": booster, "classifier": classifier, "regressor": regressor}
