"""One model of each class of CatBoost."""

import catboost
from sklearn.datasets import load_diabetes, load_iris

from tests.flavors.cases import Case

_QUIET = {"iterations": 8, "verbose": False, "allow_writing_files": False, "thread_count": 1}


def classifier() -> Case:
    """The class of flowers, a matrix of one column as CatBoost answers it."""
    data, target = load_iris(return_X_y=True, as_frame=True)
    model = catboost.CatBoostClassifier(**_QUIET).fit(data, target)
    return Case(model, data.iloc[::17], lambda native, rows: native.predict(rows))


def regressor() -> Case:
    """The course of diabetes, written as JSON."""
    data, target = load_diabetes(return_X_y=True, as_frame=True)
    model = catboost.CatBoostRegressor(**_QUIET).fit(data, target)
    return Case(model, data.iloc[::50], lambda native, rows: native.predict(rows), options={"format": "json"})


def plain() -> Case:
    """The class of all of them."""
    data, target = load_diabetes(return_X_y=True, as_frame=True)
    model = catboost.CatBoost({**_QUIET, "loss_function": "RMSE"}).fit(data, target)
    return Case(model, data.iloc[::50], lambda native, rows: native.predict(rows))


def ranker() -> Case:
    """Rows of three groups, the first of each the best."""
    data, _ = load_iris(return_X_y=True, as_frame=True)
    rows = data.iloc[:30]
    settings = {**_QUIET, "loss_function": "YetiRank", "random_seed": 1}
    model = catboost.CatBoostRanker(**settings).fit(rows, [1, *[0] * 9] * 3, group_id=[0] * 10 + [1] * 10 + [2] * 10)
    return Case(model, rows, lambda native, given: native.predict(given))


CASES = {"classifier": classifier, "regressor": regressor, "plain": plain, "ranker": ranker}
