"""Autologging of XGBoost and LightGBM: ``train``, and the classes that follow scikit-learn's conventions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mlpack
from mlpack.client import Client
from mlpack.entities import Run
from tests.flavors.test_autolog import logged, runs, the_run

CELLS, ILL = load_breast_cancer(return_X_y=True, as_frame=True)
PATIENTS, COURSE = load_diabetes(return_X_y=True)
TREES = {"max_depth": 3, "nthread": 1}
LEAVES = {"num_leaves": 5, "num_threads": 1, "verbose": -1}


def curve(client: Client, run: Run, metric: str) -> list[float]:
    """The values of a metric, each at the step after that of the one before."""
    history = client.get_metric_history(run.info.run_id, metric)
    assert [one.step for one in history] == [*range(len(history))]
    return [one.value for one in history]


def importance(client: Client, run: Run, kind: str) -> Any:
    return json.loads(Path(client.download_artifacts(run.info.run_id, f"feature_importance_{kind}.json")).read_text())


def test_training_of_xgboost_is_logged_round_by_round(autologging: Client) -> None:
    data, history = xgboost.DMatrix(CELLS, ILL), {}  # type: ignore[var-annotated]
    params = {"objective": "binary:logistic", "eval_metric": ["logloss", "ndcg@5"], **TREES}
    booster = xgboost.train(
        params, data, 20, evals=[(data, "train")], early_stopping_rounds=2, evals_result=history, verbose_eval=False
    )
    run = the_run()
    assert run.info.status == "FINISHED"
    assert curve(autologging, run, "train-logloss") == history["train"]["logloss"]
    assert curve(autologging, run, "train-ndcg_at_5") == history["train"]["ndcg@5"]
    assert run.data.metrics["best_iteration"] == booster.best_iteration
    assert importance(autologging, run, "weight") == booster.get_score(importance_type="weight")
    told = {"objective": "binary:logistic", "max_depth": "3", "num_boost_round": "20", "early_stopping_rounds": "2"}
    assert told.items() <= run.data.params.items()


def test_its_booster_is_logged_with_the_first_rows_of_the_matrix(autologging: Client) -> None:
    gaps = CELLS.where(CELLS.median() <= CELLS)
    booster = xgboost.train(TREES, xgboost.DMatrix(gaps, ILL), 3)
    loaded = mlpack.pyfunc.load_model(logged(the_run()).model_uri)
    assert np.array_equal(loaded.predict(gaps), booster.predict(xgboost.DMatrix(gaps)))
    pd.testing.assert_frame_equal(loaded.input_example.astype(float), gaps.head(5), rtol=1e-6)


def test_a_matrix_without_names_of_columns_is_an_array(autologging: Client) -> None:
    booster = xgboost.train(TREES, xgboost.DMatrix(PATIENTS, COURSE), 3)
    loaded = mlpack.pyfunc.load_model(logged(the_run()).model_uri)
    assert np.array_equal(loaded.predict(PATIENTS), booster.predict(xgboost.DMatrix(PATIENTS)))
    assert np.allclose(loaded.input_example, PATIENTS[:5])


def test_an_estimator_of_xgboost_is_logged_by_its_own_flavor(autologging: Client) -> None:
    model = xgboost.XGBClassifier(n_estimators=4, n_jobs=1)
    assert model.fit(CELLS, ILL, eval_set=[(CELLS, ILL)], verbose=False) is model
    run = the_run()
    assert run.data.tags["estimator_class"] == "xgboost.sklearn.XGBClassifier"
    assert run.data.params == {name: str(value) for name, value in model.get_params().items()}
    assert curve(autologging, run, "validation_0-logloss") == model.evals_result()["validation_0"]["logloss"]
    assert run.data.metrics["training_accuracy_score"] == model.score(CELLS, ILL)
    assert importance(autologging, run, "weight") == model.get_booster().get_score(importance_type="weight")
    info = logged(run)
    assert "xgboost" in info.flavors
    assert np.array_equal(mlpack.pyfunc.load_model(info.model_uri).predict(CELLS), model.predict(CELLS))


def test_training_of_lightgbm_is_logged_round_by_round(autologging: Client) -> None:
    train, history = lightgbm.Dataset(CELLS, ILL), {}  # type: ignore[var-annotated]
    check = train.create_valid(CELLS[::3], ILL[::3])
    params = {"objective": "binary", "metric": ["binary_logloss", "auc"], **LEAVES}
    stop = lightgbm.early_stopping(2, verbose=False)
    booster = lightgbm.train(
        params, train, 20, [train, check], ["train", "check"], callbacks=[stop, lightgbm.record_evaluation(history)]
    )
    run = the_run()
    assert curve(autologging, run, "train-auc") == history["train"]["auc"]
    assert curve(autologging, run, "check-binary_logloss") == history["check"]["binary_logloss"]
    assert run.data.metrics["best_iteration"] == booster.best_iteration
    assert sum(importance(autologging, run, "split").values()) == booster.feature_importance("split").sum()
    assert importance(autologging, run, "gain").keys() == set(booster.feature_name())
    assert {"objective": "binary", "num_leaves": "5", "num_boost_round": "20"}.items() <= run.data.params.items()
    loaded = mlpack.pyfunc.load_model(logged(run).model_uri)
    assert np.array_equal(loaded.predict(CELLS), booster.predict(CELLS))
    pd.testing.assert_frame_equal(loaded.input_example, CELLS.head(5))


def test_an_estimator_of_lightgbm_is_logged_by_its_own_flavor(autologging: Client) -> None:
    model = lightgbm.LGBMRegressor(n_estimators=4, n_jobs=1, verbose=-1)
    assert model.fit(CELLS, ILL, eval_X=CELLS, eval_y=ILL) is model
    run = the_run()
    assert run.data.tags["estimator_name"] == "LGBMRegressor"
    assert curve(autologging, run, "training-l2") == model.evals_result_["training"]["l2"]
    assert run.data.metrics["training_r2_score"] == model.score(CELLS, ILL)
    info = logged(run)
    assert "lightgbm" in info.flavors
    assert np.array_equal(mlpack.pyfunc.load_model(info.model_uri).predict(CELLS), model.predict(CELLS))


def test_data_of_lightgbm_that_were_freed_are_no_example(autologging: Client) -> None:
    data = lightgbm.Dataset(CELLS, ILL).construct()
    with pytest.warns(UserWarning, match="left out the example .*no rows") as told:
        booster = lightgbm.train(LEAVES, data, 3)
    assert [warning.filename for warning in told] == [__file__]
    assert np.array_equal(
        mlpack.lightgbm.load_model(logged(the_run()).model_uri).predict(CELLS), booster.predict(CELLS)
    )


def test_the_same_is_trained_with_and_without(client: Client) -> None:
    def trained() -> list[Any]:
        estimators = (xgboost.XGBRegressor(n_estimators=4), lightgbm.LGBMRegressor(n_estimators=4, verbose=-1))
        boosters = (
            xgboost.train(TREES, xgboost.DMatrix(PATIENTS, COURSE)).predict(xgboost.DMatrix(PATIENTS)),
            lightgbm.train(LEAVES, lightgbm.Dataset(PATIENTS, COURSE)).predict(PATIENTS),
        )
        return [*boosters, *(model.fit(PATIENTS, COURSE).predict(PATIENTS) for model in estimators)]

    before = xgboost.train, lightgbm.train, vars(xgboost.XGBModel)["fit"], vars(lightgbm.LGBMModel)["fit"]
    without = trained()
    mlpack.autolog()
    try:
        assert all(map(np.array_equal, trained(), without))
    finally:
        mlpack.autolog(disable=True)
    assert (xgboost.train, lightgbm.train, vars(xgboost.XGBModel)["fit"], vars(lightgbm.LGBMModel)["fit"]) == before
    assert len(runs()) == 4


def test_a_pipeline_or_a_search_that_holds_one_is_logged_as_itself(autologging: Client) -> None:
    make_pipeline(StandardScaler(), xgboost.XGBRegressor(n_estimators=2)).fit(PATIENTS, COURSE)
    assert (the_run().data.tags["estimator_name"], "sklearn" in logged(the_run()).flavors) == ("Pipeline", True)
    GridSearchCV(lightgbm.LGBMRegressor(n_estimators=2, verbose=-1), {"num_leaves": [3, 5]}).fit(PATIENTS, COURSE)
    assert len(runs()) == 4


def test_what_train_raises_is_passed_on_and_its_run_has_failed(autologging: Client) -> None:
    with pytest.raises(xgboost.core.XGBoostError):
        xgboost.train({"objective": "no such"}, xgboost.DMatrix(PATIENTS, COURSE))
    with pytest.raises(lightgbm.basic.LightGBMError):
        lightgbm.train({"objective": "no such", **LEAVES}, lightgbm.Dataset(PATIENTS, COURSE))
    with pytest.raises(TypeError, match="dtrain"):
        xgboost.train({})
    assert [run.info.status for run in runs()] == ["FAILED", "FAILED"]


@pytest.mark.parametrize("framework", ["xgboost", "lightgbm"])
def test_one_framework_alone(client: Client, framework: str) -> None:
    one = getattr(mlpack, framework)
    one.autolog()
    try:
        xgboost.XGBRegressor(n_estimators=2).fit(PATIENTS, COURSE)
        lightgbm.LGBMRegressor(n_estimators=2, verbose=-1).fit(PATIENTS, COURSE)
        StandardScaler().fit(PATIENTS)
        assert the_run().data.tags["mlflow.autologging"] == framework
    finally:
        one.autolog(disable=True)
