"""Autologging, with scikit-learn: what is logged of which training, and that the training is none the wiser."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partialmethod
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn import model_selection
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import f1_score, log_loss, mean_squared_error, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    learning_curve,
    validation_curve,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import mlpack
from mlpack.client import Client
from mlpack.entities import Run
from mlpack.errors import PackageNotFound
from mlpack.imports import modules_in_pickle
from mlpack.models import ModelInfo, get_model_info
from mlpack.stores import resolve
from mlpack_flavors.autolog.integration import Integration

FLOWERS, KIND = load_iris(return_X_y=True, as_frame=True)
CELLS, ILL = load_breast_cancer(return_X_y=True)
PATIENTS, COURSE = load_diabetes(return_X_y=True)


def constant(answer: Any) -> DummyClassifier:
    """A classifier that always says so; ``fit`` fails unless it is among the classes."""
    return DummyClassifier(strategy="constant", constant=answer)


def runs() -> list[Run]:
    """All runs, the first first."""
    return mlpack.search_runs(order_by=["attributes.start_time"], output_format="list")


def the_run() -> Run:
    (run,) = runs()
    return run


def logged(run: Run, name: str = "model") -> ModelInfo:
    return get_model_info(f"runs:/{run.info.run_id}/{name}")


def test_a_classifier_is_logged_with_its_params_scores_and_class(autologging: Client) -> None:
    model = LogisticRegression(C=0.5, max_iter=500)
    assert model.fit(FLOWERS, KIND) is model
    run = the_run()
    assert run.info.status == "FINISHED"
    assert mlpack.active_run() is None
    assert run.data.params == {name: str(value) for name, value in model.get_params().items()}
    assert run.data.tags["estimator_name"] == "LogisticRegression"
    assert run.data.tags["estimator_class"] == "sklearn.linear_model._logistic.LogisticRegression"
    chances = model.predict_proba(FLOWERS)
    assert (
        run.data.metrics["training_score"] == model.score(FLOWERS, KIND) == run.data.metrics["training_accuracy_score"]
    )
    assert run.data.metrics["training_f1_score"] == f1_score(KIND, model.predict(FLOWERS), average="weighted")
    assert run.data.metrics["training_log_loss"] == log_loss(KIND, chances)
    assert run.data.metrics["training_roc_auc"] == roc_auc_score(KIND, chances, average="weighted", multi_class="ovo")


def test_its_model_has_a_signature_and_the_first_rows_as_example(autologging: Client) -> None:
    model = LogisticRegression(max_iter=500).fit(FLOWERS, KIND)
    info = logged(the_run())
    loaded = mlpack.pyfunc.load_model(info.model_uri)
    assert np.array_equal(loaded.predict(FLOWERS), model.predict(FLOWERS))
    assert info.signature is not None
    assert info.signature.inputs is not None
    assert info.signature.inputs.input_names() == list(FLOWERS.columns)
    pd.testing.assert_frame_equal(loaded.input_example, FLOWERS.head(5))


def test_a_regressor_is_scored_with_the_weights_it_was_given(autologging: Client) -> None:
    weight = np.linspace(1, 3, len(COURSE))
    model = Ridge().fit(PATIENTS, COURSE, sample_weight=weight)
    metrics = the_run().data.metrics
    error = mean_squared_error(COURSE, model.predict(PATIENTS), sample_weight=weight)
    assert metrics["training_mean_squared_error"] == error
    assert metrics["training_root_mean_squared_error"] == pytest.approx(error**0.5)
    assert metrics["training_r2_score"] == metrics["training_score"] == model.score(PATIENTS, COURSE, weight)
    assert "training_mean_absolute_error" in metrics


def test_scores_are_of_the_data_as_they_were_where_fit_writes_over_them(autologging: Client) -> None:
    model = LinearRegression(copy_X=False).fit(PATIENTS + 1, COURSE)
    assert the_run().data.metrics["training_score"] == pytest.approx(model.score(PATIENTS + 1, COURSE))


def test_without_a_target_there_is_a_model_and_no_score(autologging: Client) -> None:
    labels = KMeans(2, n_init=1, random_state=0).fit_predict(PATIENTS)
    run = the_run()
    assert run.data.metrics == {}
    assert np.array_equal(mlpack.pyfunc.load_model(logged(run).model_uri).predict(PATIENTS), labels)


def test_the_same_is_trained_with_and_without(client: Client) -> None:
    def trained() -> Any:
        return make_pipeline(StandardScaler(), LogisticRegression()).fit(CELLS, ILL).predict_proba(CELLS)

    without = trained()
    mlpack.sklearn.autolog()
    try:
        assert np.array_equal(trained(), without)
    finally:
        mlpack.sklearn.autolog(disable=True)
    assert len(runs()) == 1


def test_what_fit_raises_is_passed_on_and_its_run_has_failed(autologging: Client) -> None:
    with pytest.raises(ValueError, match="constant"):
        constant(-1).fit(FLOWERS, KIND)
    assert the_run().info.status == "FAILED"
    assert the_run().data.params["constant"] == "-1"
    with pytest.raises(TypeError, match="positional argument"):
        constant(0).fit()
    assert mlpack.active_run() is None


def test_an_active_run_is_logged_to_and_goes_on(autologging: Client) -> None:
    with mlpack.start_run() as run:
        constant(0).fit(FLOWERS, KIND)
        with pytest.raises(ValueError):
            make_pipeline(constant(-1)).fit(FLOWERS, KIND)
        assert mlpack.active_run() is run
    assert the_run().info.status == "FINISHED"
    assert {"constant", "dummyclassifier__constant"} <= the_run().data.params.keys()


def test_what_cannot_be_logged_is_one_warning_where_the_training_was_called(autologging: Client) -> None:
    with mlpack.start_run():
        constant(0).fit(FLOWERS, KIND)
        with pytest.warns(UserWarning, match="autologging left out params .*constant") as told:
            model = constant(1).fit(FLOWERS, KIND)
    assert [warning.filename for warning in told] == [__file__]
    assert model.predict(FLOWERS).tolist() == [1] * len(FLOWERS)


def test_a_store_that_cannot_be_written_is_one_warning(autologging: Client, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    mlpack.set_tracking_uri((tmp_path / "file").as_uri())
    with pytest.warns(UserWarning, match="autologging left out everything") as told:
        model = constant(0).fit(FLOWERS, KIND)
    assert len(told) == 1
    assert model.predict(FLOWERS[:1]).tolist() == [0]


def test_disabled_it_leaves_everything_as_it_was(client: Client) -> None:
    before = vars(LogisticRegression)["fit"], vars(Pipeline)["fit_predict"], list(sys.meta_path)
    mlpack.autolog()
    assert vars(LogisticRegression)["fit"] is not before[0]
    assert LogisticRegression.fit is before[0]  # what looks at the class sees no change
    mlpack.autolog(disable=True)
    assert (vars(LogisticRegression)["fit"], vars(Pipeline)["fit_predict"], sys.meta_path) == before
    assert "__init_subclass__" not in vars(BaseEstimator)
    constant(0).fit(FLOWERS, KIND)
    assert runs() == []


def test_enabled_twice_it_logs_once_and_one_framework_can_be_left_out(autologging: Client) -> None:
    mlpack.autolog()
    constant(0).fit(FLOWERS, KIND)
    assert len(runs()) == 1
    mlpack.sklearn.autolog(disable=True)
    constant(0).fit(FLOWERS, KIND)
    assert len(runs()) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_pipeline(StandardScaler(), make_pipeline(DecisionTreeClassifier())),
        lambda: VotingClassifier([("one", DecisionTreeClassifier()), ("two", constant(0))], n_jobs=2),
        lambda: BaggingClassifier(DecisionTreeClassifier(), n_estimators=4, n_jobs=2),
        lambda: GridSearchCV(DecisionTreeClassifier(), {"max_depth": [2]}, n_jobs=2),
    ],
)
@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing"])
def test_only_the_outermost_fit_is_logged(autologging: Client, make: Callable[[], Any], backend: str) -> None:
    mlpack.sklearn.autolog(log_models=False)
    with joblib.parallel_config(backend):
        model = make().fit(FLOWERS, KIND)
    (run,) = [run for run in runs() if "mlflow.parentRunId" not in run.data.tags]
    assert run.data.tags["estimator_name"] == type(model).__name__
    assert len(runs()) == 1 + isinstance(model, GridSearchCV)


@pytest.mark.parametrize("validate", [cross_val_score, cross_val_predict, learning_curve])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_nothing_is_logged_of_models_that_are_scored_and_thrown_away(
    autologging: Client, validate: Callable[..., Any], n_jobs: int | None
) -> None:
    tree = DecisionTreeClassifier()
    validate(tree, FLOWERS, KIND, n_jobs=n_jobs)
    validation_curve(tree, FLOWERS, KIND, param_name="max_depth", param_range=[1, 2], n_jobs=n_jobs)
    model_selection.permutation_test_score(tree, FLOWERS, KIND, n_permutations=2, n_jobs=n_jobs)
    assert runs() == []


def test_nothing_is_logged_of_what_prepares_data(autologging: Client) -> None:
    StandardScaler().fit_transform(CELLS)
    SelectFromModel(DecisionTreeClassifier()).fit(CELLS, ILL)
    assert runs() == []


def test_of_a_search_all_results_and_the_best_combinations_are_logged(autologging: Client) -> None:
    grid = {"max_depth": [1, 2, 3], "criterion": ["gini", "entropy"]}
    search = GridSearchCV(DecisionTreeClassifier(random_state=0), grid).fit(FLOWERS, KIND)
    below = [run for run in runs() if "mlflow.parentRunId" in run.data.tags]
    (top,) = [run for run in runs() if run not in below]
    assert top.data.metrics["best_cv_score"] == search.best_score_
    assert top.data.params["best_max_depth"] == str(search.best_params_["max_depth"])
    assert "estimator__max_depth" not in top.data.params
    file = autologging.download_artifacts(top.info.run_id, "cv_results.csv")
    assert pd.read_csv(file)["mean_test_score"].tolist() == pytest.approx(
        search.cv_results_["mean_test_score"].tolist()
    )
    best = mlpack.sklearn.load_model(logged(top, "best_estimator").model_uri)
    assert np.array_equal(best.predict(FLOWERS), search.predict(FLOWERS))
    assert {run.data.tags["mlflow.parentRunId"] for run in below} == {top.info.run_id}
    assert sorted(run.data.metrics["mean_test_score"] for run in below) == pytest.approx(
        sorted(search.cv_results_["mean_test_score"])[1:]
    )
    assert {(run.info.status, run.data.params["random_state"]) for run in below} == {("FINISHED", "0")}


def test_each_thread_has_runs_of_its_own(autologging: Client) -> None:
    threads = [threading.Thread(target=constant(number % 3).fit, args=(FLOWERS, KIND)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(run.data.params["constant"] for run in runs()) == ["0", "0", "1", "2"]
    assert {run.info.status for run in runs()} == {"FINISHED"}


def test_classes_that_are_defined_later_are_logged_too(autologging: Client) -> None:
    class Halver(TransformerMixin, BaseEstimator):  # type: ignore[misc]
        def fit_transform(self, X: Any, y: Any = None) -> Any:
            return X / 2

        def get_feature_names_out(self, names: Any = None) -> Any:
            return names

    mlpack.sklearn.autolog(log_models=False)
    assert Halver().set_output(transform="pandas").fit_transform(FLOWERS).equals(FLOWERS / 2)
    assert the_run().data.tags["estimator_name"] == "Halver"


def test_a_class_of_a_script_is_pickled_with_its_own_fit(client: Client) -> None:
    script = """
import mlpack
from sklearn.linear_model import Ridge

mlpack.autolog()

class Scripted(Ridge):
    def fit(self, X, y):
        return super().fit(X, y)

Scripted().fit([[1.0], [2.0]], [1.0, 2.0])
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)
    assert the_run().data.tags["estimator_class"] == "__main__.Scripted"
    modules = modules_in_pickle(resolve(logged(the_run()).model_uri) / "model.pkl")
    assert "sklearn" in modules
    assert {"mlpack", "mlpack_flavors"}.isdisjoint(modules)


def test_a_fit_of_any_kind_does_what_it_did(autologging: Client) -> None:
    class Odd(BaseEstimator):  # type: ignore[misc]
        fit_transform = None
        fit_predict = partialmethod(lambda self, X, y: X)

        @classmethod
        def fit(cls, X: Any) -> Any:
            return cls

    mlpack.sklearn.autolog(log_models=False)
    assert Odd().fit_transform is None
    assert Odd().fit(FLOWERS) is Odd
    assert Odd().fit_predict(FLOWERS, None) is FLOWERS
    assert signature(Ridge().fit) == signature(Ridge.fit.__get__(Ridge()))
    assert Ridge().fit.__name__ == "fit"


def test_methods_that_a_model_has_not_are_still_missing(autologging: Client) -> None:
    assert not hasattr(make_pipeline(StandardScaler(), LogisticRegression()), "fit_predict")
    assert make_pipeline(StandardScaler(), KMeans(2, n_init=1)).fit_predict(PATIENTS).shape == (len(PATIENTS),)
    assert the_run().data.tags["estimator_name"] == "Pipeline"


def test_metadata_still_finds_its_way_through_pipelines(autologging: Client) -> None:
    weight = np.linspace(1, 3, len(COURSE))
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False), Ridge().set_fit_request(sample_weight=True)
        )
        pipeline.fit(PATIENTS, COURSE, sample_weight=weight)
    alone = Ridge().fit(StandardScaler().fit_transform(PATIENTS), COURSE, sample_weight=weight)
    assert np.array_equal(pipeline[-1].coef_, alone.coef_)


def test_models_examples_and_signatures_can_be_left_out(autologging: Client) -> None:
    mlpack.sklearn.autolog(log_input_examples=False)
    LogisticRegression(max_iter=500).fit(FLOWERS, KIND)
    mlpack.sklearn.autolog(log_model_signatures=False)
    LogisticRegression(max_iter=500).fit(FLOWERS, KIND)
    mlpack.sklearn.autolog(log_models=False)
    LogisticRegression(max_iter=500).fit(FLOWERS, KIND)
    first, second, third = runs()
    info = logged(first)
    assert (info.signature is not None, info.saved_input_example_info) == (True, None)
    info = logged(second)
    assert (info.signature, info.saved_input_example_info is not None) == (None, True)
    with pytest.raises(PackageNotFound):
        logged(third)
    assert third.data.metrics == first.data.metrics


def test_a_long_param_is_cut(autologging: Client) -> None:
    constant("x" * 7000).fit([[0], [1]], ["x" * 7000, "y"])
    assert the_run().data.params["constant"] == "x" * 6000


@pytest.mark.parametrize("kind", [list, np.array, pd.Series])
def test_texts_are_an_example_too(autologging: Client, kind: Callable[[list[str]], Any]) -> None:
    texts = ["a good day", "a bad day", "good", "bad"]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(kind(texts), [1, 0, 1, 0])
    loaded = mlpack.pyfunc.load_model(logged(the_run()).model_uri)
    assert loaded.input_example.tolist() == texts
    assert loaded.predict(kind(["good, good"])).tolist() == model.predict(["good, good"]).tolist()


def test_scores_that_do_not_exist_for_a_target_are_left_out(autologging: Client) -> None:
    DummyClassifier().fit(FLOWERS, np.zeros(len(FLOWERS)))
    assert the_run().data.metrics["training_accuracy_score"] == 1.0


def test_a_framework_that_is_not_what_it_was_is_imported_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def watch(integration: Integration, module: Any) -> None:
        integration.watch(module, "gone", None)

    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    integration = Integration("sklearn", {"colorsys": watch})
    integration.autolog()
    with pytest.warns(UserWarning, match="autologging does not know this version of colorsys: KeyError: 'gone'"):
        assert import_module("colorsys").rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    integration.autolog(disable=True)


@pytest.mark.parametrize("first", ["mlpack.autolog()", "import sklearn.svm; mlpack.autolog()"])
def test_it_imports_no_framework_and_may_come_before_or_after_one(client: Client, first: str) -> None:
    script = f"""
import sys
import mlpack
{first}
assert ("sklearn" in sys.modules) == ("sklearn" in {first!r})
assert "xgboost" not in sys.modules
from sklearn.linear_model import LinearRegression
LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])
print(mlpack.search_runs(output_format="list")[0].data.metrics["training_score"])
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == 1.0
