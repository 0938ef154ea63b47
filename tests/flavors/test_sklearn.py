"""The scikit-learn flavor: three formats, predicting by array where that answers the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cluster import DBSCAN
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler, scale
from sklearn.svm import LinearSVC

import mlpack.sklearn
from mlpack import plugins
from mlpack.errors import InvalidArgument, InvalidPackage, UnsafePackage
from mlpack.table import Table
from mlpack_flavors.sklearn_arrays import array_twin

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1, 0, 1, 0]})
LABELS = ["no", "no", "yes", "yes"]
TABLE = Table(("a", "b"), [FRAME["a"].to_numpy(), FRAME["b"].to_numpy()], 4)


class Doubler(BaseEstimator, TransformerMixin):  # type: ignore[misc]
    """A transformer of the user's own."""

    def fit(self, X: Any, y: Any = None) -> Doubler:
        return self

    def transform(self, X: Any) -> Any:
        return X * 2


@pytest.mark.parametrize("serialization_format", ["cloudpickle", "pickle", "skops"])
def test_each_format_loads_and_predicts_the_same(tmp_path: Path, serialization_format: str) -> None:
    model = make_pipeline(StandardScaler(), RandomForestClassifier(n_estimators=5)).fit(FRAME, LABELS)
    mlpack.sklearn.save_model(model, tmp_path / "model", input_example=FRAME, serialization_format=serialization_format)
    assert mlpack.sklearn.load_model(tmp_path / "model").predict(FRAME).tolist() == model.predict(FRAME).tolist()
    assert mlpack.pyfunc.load_model(tmp_path / "model").predict(FRAME).tolist() == model.predict(FRAME).tolist()


def test_predict_proba_is_what_pyfunc_calls_when_asked(tmp_path: Path) -> None:
    model = LogisticRegression().fit(FRAME, LABELS)
    mlpack.sklearn.save_model(model, tmp_path / "model", input_example=FRAME, pyfunc_predict_fn="predict_proba")
    loaded = mlpack.pyfunc.load_model(tmp_path / "model")
    assert np.array_equal(loaded.predict(FRAME), model.predict_proba(FRAME))
    assert loaded.metadata.signature is not None
    assert loaded.metadata.signature.outputs is not None
    assert loaded.metadata.signature.outputs.is_tensor_spec()


def test_a_model_that_cannot_predict_is_saved_without_pyfunc(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="has no predict"):
        mlpack.sklearn.save_model(DBSCAN().fit(FRAME), tmp_path / "model", input_example=FRAME)
    assert isinstance(mlpack.sklearn.load_model(tmp_path / "model"), DBSCAN)
    assert mlpack.models.get_model_info(tmp_path / "model").flavors.keys() == {"sklearn"}


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="is not a scikit-learn model"):
        mlpack.sklearn.save_model({"weights": 1}, tmp_path / "model")


def test_skops_refuses_types_of_the_user(tmp_path: Path) -> None:
    model = make_pipeline(Doubler(), LinearRegression()).fit(FRAME, [1, 2, 3, 4])
    with pytest.raises(InvalidArgument, match="skops holds types of known frameworks only"):
        mlpack.sklearn.save_model(model, tmp_path / "model", serialization_format="skops")


def test_a_skops_file_that_asks_for_other_types_is_refused_whatever_its_manifest_trusts(tmp_path: Path) -> None:
    import skops.io

    mlpack.sklearn.save_model(LinearRegression(), tmp_path / "model", serialization_format="skops")
    manifest = mlpack.models.Model.load(tmp_path / "model")
    skops.io.dump(make_pipeline(Doubler()), tmp_path / "model" / "model.skops")
    manifest.flavors["sklearn"]["skops_trusted_types"] = skops.io.get_untrusted_types(
        file=tmp_path / "model" / "model.skops"
    )
    del manifest.extra["mlpack"]
    manifest.save(tmp_path / "model" / "MLmodel")
    with pytest.raises(UnsafePackage, match="Doubler"):
        mlpack.sklearn.load_model(tmp_path / "model")


def test_a_file_that_is_not_skops_is_a_typed_error(tmp_path: Path) -> None:
    mlpack.sklearn.save_model(LinearRegression(), tmp_path / "model", serialization_format="skops")
    manifest = mlpack.models.Model.load(tmp_path / "model")
    del manifest.extra["mlpack"]
    manifest.save(tmp_path / "model" / "MLmodel")
    (tmp_path / "model" / "model.skops").write_bytes(b"not a zip")
    with pytest.raises(InvalidPackage, match="not a skops file"):
        mlpack.sklearn.load_model(tmp_path / "model")


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(n_estimators=3),
    ],
)
def test_an_array_answers_what_a_frame_does(model: Any) -> None:
    model.fit(FRAME, LABELS)
    predict = array_twin(model, "predict_proba")
    assert predict is not None
    assert np.array_equal(predict(TABLE), model.predict_proba(FRAME))
    assert np.array_equal(predict(TABLE), model.predict_proba(FRAME))


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(
            ColumnTransformer([("hot", OneHotEncoder(), ["b"]), ("own", Doubler(), ["a"])]), LinearRegression()
        ),
        make_pipeline(ColumnTransformer([("hot", OneHotEncoder(), [1])]), LinearRegression()),
        make_pipeline(ColumnTransformer([("a", StandardScaler(), ["a"])], transformer_weights={"a": 2}), LinearSVC()),
        make_pipeline(FunctionTransformer(lambda frame: frame[["a"]]), LogisticRegression()),
        make_pipeline(StandardScaler().set_output(transform="pandas"), LogisticRegression()),
        make_pipeline(Doubler(), LogisticRegression()),
        VotingClassifier([("one", LogisticRegression())]),
    ],
)
def test_a_model_that_may_look_at_columns_gets_a_frame(model: Any) -> None:
    assert array_twin(model.fit(FRAME, [0, 0, 1, 1]), "predict") is None


def test_columns_in_another_order_than_in_training_are_scikit_learns_error() -> None:
    predict = array_twin(LogisticRegression().fit(FRAME, LABELS), "predict")
    assert predict is not None
    with pytest.raises(ValueError, match="feature names"):
        predict(Table(("b", "a"), [FRAME["b"].to_numpy(), FRAME["a"].to_numpy()], 4))


def test_a_package_of_mlflow_1_without_format_is_a_pickle(tmp_path: Path) -> None:
    model = LinearRegression().fit(FRAME, [1, 2, 3, 4])
    mlpack.sklearn.save_model(model, tmp_path / "model", serialization_format="pickle")
    manifest = mlpack.models.Model.load(tmp_path / "model")
    manifest.flavors = {
        "python_function": {"loader_module": "mlflow.sklearn", "data": "model.pkl", "env": "conda.yaml"}
    }
    manifest.save(tmp_path / "model" / "MLmodel")
    assert mlpack.pyfunc.load_model(tmp_path / "model").predict(FRAME).tolist() == model.predict(FRAME).tolist()


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        VotingClassifier([("one", LogisticRegression()), ("two", RandomForestClassifier())]),
        make_pipeline(FunctionTransformer(np.log1p), SelectKBest(f_classif, k=1), LogisticRegression()),
        TransformedTargetRegressor(LinearRegression(), func=np.log1p, inverse_func=np.expm1),
    ],
)
def test_estimators_of_a_library_predict_row_by_row(model: Any) -> None:
    assert plugins.get("sklearn").is_row_wise(model)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(Doubler(), LogisticRegression()),
        make_pipeline(FunctionTransformer(scale), LogisticRegression()),
        make_pipeline(TfidfVectorizer(tokenizer=str.split), LogisticRegression()),
        make_column_transformer((FunctionTransformer(lambda X: X - X.mean()), ["a"])),
        VotingClassifier([("one", DummyClassifier(strategy="uniform")), ("two", LogisticRegression())]),
        object(),
    ],
)
def test_others_may_look_at_all_rows(model: Any) -> None:
    assert not plugins.get("sklearn").is_row_wise(model)
