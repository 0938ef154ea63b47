"""Pipelines and linear models on arrays answer what scikit-learn does on a DataFrame, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import LinearSVC

from mlpack.table import Table
from mlpack_flavors.sklearn_arrays import array_twin
from mlpack_flavors.sklearn_twins import twin_of

NUMBERS, TEXTS = ["age", "rate", "count"], ["sex", "pain"]
FRAME = pd.DataFrame(
    {
        "age": [50.5, np.nan, 61.25, 70.0, 44.0, 58.5],
        "rate": [1e3, 2e3, np.nan, -4.5, 0.0, 3.25],
        "count": [1, 2, 3, 4, 5, 6],
        "sex": ["f", "m", "f", "m", None, "f"],
        "pain": ["none", "typical", "none", "ü", "typical", "none"],
    }
)
TARGET = [0, 1, 0, 1, 2, 1]

numeric = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
texts = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
PIPELINES = {
    "sparse": make_column_transformer((SimpleImputer(), NUMBERS), (OneHotEncoder(handle_unknown="ignore"), TEXTS)),
    "dense": make_column_transformer((numeric, NUMBERS), (ordinal, TEXTS), sparse_threshold=0),
    "pipelines": make_column_transformer((texts, TEXTS), (numeric, NUMBERS), remainder="drop"),
    "passed through": make_column_transformer((texts, TEXTS), ("passthrough", ["count"]), ("drop", ["age", "rate"])),
    "a remainder": make_column_transformer((texts, TEXTS), remainder=numeric),
    "chosen by type": make_column_transformer((numeric, make_column_selector(dtype_include="number"))),
    "no columns": make_column_transformer((numeric, NUMBERS), (OneHotEncoder(), [])),
}

rows = st.tuples(
    st.floats(allow_infinity=False, width=32),
    st.floats(allow_infinity=False, width=32),
    st.integers(-5, 2**40),
    st.sampled_from(["f", "m", "other", "", None]),
    st.sampled_from(["none", "typical", "ü", None]),
)
tables = st.lists(st.lists(rows, min_size=1, max_size=3), min_size=1, max_size=4)


def table(rows: list[Any]) -> Table:
    age, rate, count, sex, pain = zip(*rows, strict=True)
    numbers = [np.array(age, float), np.array(rate, float), np.array(count, np.int64)]
    return Table((*NUMBERS, *TEXTS), [*numbers, np.array(sex, object), np.array(pain, object)], len(rows))


@pytest.mark.parametrize("columns", PIPELINES.values(), ids=PIPELINES)
def test_columns_picked_from_a_table_give_what_those_of_a_frame_do(columns: Any) -> None:
    model = make_pipeline(columns, RandomForestClassifier(n_estimators=3, random_state=0)).fit(FRAME, TARGET)
    assert twin_of(model, "predict_proba") is not None

    @settings(max_examples=25, deadline=None)
    @given(tables)
    def compare(requests: list[Any]) -> None:
        predict = array_twin(model, "predict_proba")
        assert predict is not None
        for rows in requests:
            assert np.array_equal(predict(table(rows)), model.predict_proba(table(rows).frame()))

    compare()


def test_after_the_first_of_its_kind_no_frame_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_pipeline(PIPELINES["sparse"], LogisticRegression(max_iter=10_000)).fit(FRAME, TARGET)
    predict = array_twin(model, "predict")
    assert predict is not None
    whole, gap = (50.0, 1.0, 1, "f", "none"), (None, 1.0, 1, "f", "none")
    first = [predict(table([whole])), predict(table([gap]))]
    monkeypatch.delattr(Table, "frame")
    assert [predict(table([whole])), predict(table([gap]))] == first
    with pytest.raises(AttributeError, match="frame"):
        predict(table([(50.0, 1.0, 1, None, "none")]))


@pytest.mark.parametrize(
    "rows",
    [
        Table(("sex",), [np.array(["f"], object)], 1),
        Table(None, [np.array([1.0])] * 5, 1),
        Table((*NUMBERS, *TEXTS), [np.array([1.0])] * 4 + [np.array([b"bytes"], object)], 1),
    ],
)
def test_other_columns_than_in_training_are_for_scikit_learn(rows: Table) -> None:
    twin = twin_of(PIPELINES["sparse"].fit(FRAME, TARGET), "transform")
    assert twin is not None
    assert twin.take(rows) is None


def test_text_for_what_reads_documents_is_for_scikit_learn() -> None:
    columns = make_column_transformer((CountVectorizer(), "pain"), (SimpleImputer(), NUMBERS))
    assert twin_of(columns.fit(FRAME), "transform") is None


@pytest.mark.parametrize("target", [[0, 1, 0, 1, 1, 1], ["a", "b", "a", "b", "c", "b"]])
@pytest.mark.parametrize(
    "model", [LogisticRegression(max_iter=10_000), RidgeClassifier(), SGDClassifier(), Perceptron(), LinearSVC()]
)
def test_a_linear_classifier_answers_by_one_product(model: Any, target: Any) -> None:
    data = FRAME[["age", "rate"]].fillna(1.5)
    model.fit(data, target)
    predict = array_twin(model, "predict")
    assert predict is not None
    for part in (data, data.head(1), data.astype("float32"), data.astype("int64")):
        given = Table(("age", "rate"), [part[name].to_numpy() for name in part], len(part))
        for _ in range(2):
            assert np.array_equal(predict(given), model.predict(part))
            assert predict(given).dtype == model.predict(part).dtype


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_a_linear_classifier_refuses_is_still_refused(value: float) -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    predict = array_twin(model, "predict")
    assert predict is not None
    assert predict(Table(None, [np.array([3.0])], 1)) == predict(Table(None, [np.array([3.0])], 1)) == [1]
    with pytest.raises(ValueError, match="Input X contains"):
        predict(Table(None, [np.array([value])], 1))
    with pytest.raises(ValueError, match="features"):
        predict(Table(None, [np.array([1.0])] * 2, 1))


def test_a_linear_classifier_with_a_decision_of_its_own_is_asked_for_it() -> None:
    class Cautious(LogisticRegression):  # type: ignore[misc]
        def decision_function(self, X: Any) -> Any:
            return super().decision_function(X) - 100

    Cautious.__module__ = "sklearn.cautious"
    model = Cautious().fit([[0.0], [1.0]], [0, 1])
    twin = twin_of(model, "predict")
    assert twin is not None
    assert twin.call(np.array([[5.0]])) == [0]
