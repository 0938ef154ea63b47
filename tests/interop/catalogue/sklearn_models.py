"""Cases of the scikit-learn flavor: each serialization, each shape of signature, each kind of answer."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .cases import case

PINS = ["scikit-learn"]


@cache
def iris() -> tuple[pd.DataFrame, np.ndarray]:
    """The 150 flowers: four columns of centimetres, and the class of each."""
    from sklearn.datasets import load_iris

    data = load_iris(as_frame=True)
    return data.data, data.target.to_numpy()


def flowers() -> list[Any]:
    """The same three rows as every container that a caller may have."""
    frame = iris()[0].iloc[[0, 60, 120]].reset_index(drop=True)
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    return [frame, frame[frame.columns[::-1]], frame.assign(extra=1), columns, frame.to_dict("records"), frame[:1]]


def matrices() -> list[Any]:
    """Rows without names."""
    values = iris()[0].to_numpy()[[0, 60, 120]]
    return [values, values.tolist(), values[:1], pd.DataFrame(values), values.astype("float32"), values[:, :3]]


def _classifier() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=500).fit(*iris())


@case(flowers, native=True)
def logistic_regression_with_everything(lib: Any, path: Path) -> None:
    """A signature, an example, metadata, and requirements that the library infers by itself."""
    model, rows = _classifier(), flowers()[0]
    signature = lib.models.infer_signature(rows, model.predict(rows))
    lib.sklearn.save_model(
        model,
        path,
        signature=signature,
        input_example=rows,
        serialization_format="cloudpickle",
        metadata={"owner": "garden", "threshold": 0.5},
    )


@case(flowers, native=True)
def linear_regression_by_pickle(lib: Any, path: Path) -> None:
    """No signature: what comes is given to the model as it is."""
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit(*iris())
    lib.sklearn.save_model(model, path, serialization_format="pickle", pip_requirements=PINS)


@case(flowers, since=(3, 9), native=True)
def logistic_regression_by_skops(lib: Any, path: Path) -> None:
    """The safe format, which MLflow reads since 3.9."""
    lib.sklearn.save_model(
        _classifier(), path, serialization_format="skops", input_example=flowers()[0], pip_requirements=PINS
    )


@case(matrices, native=True)
def trees_on_unnamed_arrays(lib: Any, path: Path) -> None:
    """No signature and no names: arrays in, words out."""
    from sklearn.tree import DecisionTreeClassifier

    data, target = iris()
    model = DecisionTreeClassifier(random_state=0).fit(data.to_numpy(), np.array(["red", "blue", "white"])[target])
    lib.sklearn.save_model(model, path, serialization_format="cloudpickle", pip_requirements=PINS)


@case(flowers, native=True)
def probabilities(lib: Any, path: Path) -> None:
    """``predict_proba`` is what pyfunc calls."""
    signature = lib.models.infer_signature(flowers()[0], _classifier().predict_proba(flowers()[0]))
    lib.sklearn.save_model(
        _classifier(),
        path,
        signature=signature,
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
        pip_requirements=PINS,
    )


@case(matrices, native=True)
def tensor_signature(lib: Any, path: Path) -> None:
    """The signature is one unnamed tensor of doubles."""
    model = _classifier()
    values = matrices()[0]
    model.fit(iris()[0].to_numpy(), iris()[1])
    signature = lib.models.infer_signature(values, model.predict(values))
    lib.sklearn.save_model(
        model,
        path,
        signature=signature,
        input_example=values,
        serialization_format="cloudpickle",
        pip_requirements=PINS,
    )


@case(matrices, native=True)
def unnamed_columns(lib: Any, path: Path) -> None:
    """A signature of four doubles that have no names."""
    from sklearn.neighbors import KNeighborsRegressor

    data, target = iris()
    types = lib.types.schema
    columns = types.Schema([types.ColSpec("double") for _ in range(4)])
    model = KNeighborsRegressor().fit(data.to_numpy(), np.stack([target, 1.5 * target], axis=1))
    lib.sklearn.save_model(
        model,
        path,
        signature=lib.models.ModelSignature(inputs=columns),
        serialization_format="cloudpickle",
        pip_requirements=PINS,
    )


@case(flowers, native=True)
def clusters_in_a_pipeline(lib: Any, path: Path) -> None:
    """Clustering behind a scaler: 32-bit labels come out."""
    from sklearn.cluster import KMeans
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), KMeans(3, n_init=2, random_state=0)).fit(iris()[0])
    lib.sklearn.save_model(
        model, path, input_example=flowers()[0], serialization_format="cloudpickle", pip_requirements=PINS
    )


@cache
def passengers() -> tuple[pd.DataFrame, np.ndarray]:
    """People with an age that may be missing, a fare, a class, a harbour, and whether they came back."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.normal(35, 10, 60).round(1),
            "fare": rng.gamma(2, 20, 60).astype("float32"),
            "class": rng.integers(1, 4, 60).astype("int32"),
            "ticket": rng.integers(1, 2**40, 60),
            "harbour": rng.choice(["Cork", "Brest", "Gijón"], 60),
            "alone": rng.choice([True, False], 60),
        }
    )
    frame.loc[::7, "age"] = np.nan
    return frame, rng.integers(0, 2, 60)


def people() -> list[Any]:
    """Rows of mixed types, one age missing."""
    frame = passengers()[0].iloc[[0, 1, 2]].reset_index(drop=True)
    return [frame, frame[frame.columns[::-1]], frame.to_dict("records"), frame.drop(columns="age")]


def _mixed_pipeline() -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    columns = ColumnTransformer(
        [
            ("number", SimpleImputer(), ["age", "fare", "class", "ticket"]),
            ("word", OneHotEncoder(handle_unknown="ignore"), ["harbour", "alone"]),
        ]
    )
    return make_pipeline(columns, RandomForestClassifier(5, random_state=0)).fit(*passengers())


@case(people, native=True)
def pipeline_on_a_mixed_frame(lib: Any, path: Path) -> None:
    """Doubles with NaN, floats, both integers, words and booleans, by the signature of the frame."""
    signature = lib.models.infer_signature(people()[0], np.array([0, 1]))
    lib.sklearn.save_model(
        _mixed_pipeline(), path, signature=signature, serialization_format="cloudpickle", pip_requirements=PINS
    )


@case(people, native=True)
def pipeline_on_a_mixed_frame_unsigned(lib: Any, path: Path) -> None:
    """The same pipeline without a signature."""
    lib.sklearn.save_model(_mixed_pipeline(), path, serialization_format="pickle", pip_requirements=PINS)


def sentences() -> list[Any]:
    """Texts in one column."""
    texts = ["good soup", "bad bread", "good good bread"]
    return [pd.DataFrame({"text": texts}), texts, np.array(texts), pd.Series(texts, name="text"), "good soup"]


@case(sentences, native=True)
def text_pipeline_on_a_named_column(lib: Any, path: Path) -> None:
    """Strings in one named column; a plain list stands for that column."""
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    frame = sentences()[0]
    model = make_pipeline(ColumnTransformer([("text", TfidfVectorizer(), "text")]), SGDClassifier(random_state=0))
    model.fit(frame, np.array(["+", "-", "+"]))
    lib.sklearn.save_model(model, path, input_example=frame, serialization_format="cloudpickle", pip_requirements=PINS)


@case(lambda: sentences()[1:3])
def text_pipeline_on_plain_strings(lib: Any, path: Path) -> None:
    """No signature: a list of texts goes straight to the vectorizer."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(sentences()[1], [1, 0, 1])
    lib.sklearn.save_model(model, path, serialization_format="pickle", pip_requirements=PINS)


def sparse_rows() -> list[Any]:
    """One matrix as CSR, CSC and dense."""
    from scipy.sparse import csc_matrix, csr_matrix

    dense = np.array([[0.0, 1.5, 0.0], [2.0, 0.0, 0.0]])
    return [csr_matrix(dense), csc_matrix(dense), dense]


@case(sparse_rows, native=True)
def sparse_example(lib: Any, path: Path) -> None:
    """The example is a sparse matrix; requests are dense."""
    from sklearn.linear_model import Ridge

    model = Ridge().fit(sparse_rows()[0], [1.0, 2.0])
    lib.sklearn.save_model(
        model, path, input_example=sparse_rows()[0], serialization_format="cloudpickle", pip_requirements=PINS
    )


@case(list, native=True)
def scaler_without_predict(lib: Any, path: Path) -> None:
    """A transformer has no ``predict``: only the native loader reads it."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(iris()[0])
    lib.sklearn.save_model(scaler, path, serialization_format="cloudpickle", pip_requirements=PINS)
