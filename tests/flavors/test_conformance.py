"""What every flavor must do, on one real model each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import orjson
import pandas as pd
import pytest
from packaging.requirements import Requirement
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import mlpack.pyfunc
from mlpack import plugins
from mlpack.errors import InvalidArgument
from mlpack.models import get_model_info
from mlpack.payloads import JSON
from mlpack.signature import infer_signature
from mlpack_serving.scoring import Answer, Request, Scorer
from mlpack_serving.settings import Settings

IRIS: pd.DataFrame = load_iris(as_frame=True).data


class Scaled(mlpack.pyfunc.PythonModel):
    """A model of the user's own."""

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Any:
        return model_input.sum(axis=1).to_numpy() * 2.0


@dataclass(frozen=True)
class Case:
    """A model of one flavor, data that it takes, and how its framework itself predicts."""

    model: Any
    data: Any
    predict: Callable[[Any, Any], Any]


def _sklearn() -> Case:
    model = LogisticRegression(max_iter=500).fit(IRIS, load_iris().target)
    return Case(model, IRIS.head(9), lambda native, data: native.predict(data))


def _python_function() -> Case:
    return Case(Scaled(), IRIS.head(9), lambda native, data: native.predict(None, data))


CASES: dict[str, Callable[[], Case]] = {"sklearn": _sklearn, "python_function": _python_function}


@pytest.fixture(params=sorted(CASES))
def name(request: pytest.FixtureRequest) -> str:
    flavor: str = request.param
    return flavor


@pytest.fixture
def case(name: str) -> Case:
    return CASES[name]()


@pytest.fixture
def package(name: str, case: Case, tmp_path: Path) -> Path:
    plugins.get(name).save_model(case.model, tmp_path / "model", input_example=case.data)
    return tmp_path / "model"


def test_every_built_in_flavor_has_a_case() -> None:
    assert sorted(CASES) == sorted(plugins.BUILT_IN)


def test_the_native_model_survives_the_round_trip(name: str, case: Case, package: Path) -> None:
    native = plugins.get(name).load_model(package)
    assert np.array_equal(case.predict(native, case.data), case.predict(case.model, case.data))


def test_pyfunc_predicts_what_the_framework_does(case: Case, package: Path) -> None:
    answer = mlpack.pyfunc.load_model(package).predict(case.data)
    assert np.array_equal(answer, case.predict(case.model, case.data))


def test_the_signature_describes_the_example_and_its_answer(case: Case, package: Path) -> None:
    expected = infer_signature(case.data, case.predict(case.model, case.data))
    assert get_model_info(package).signature == expected


def test_the_requirements_pin_the_framework_and_let_mlflow_serve(name: str, package: Path) -> None:
    lines = [Requirement(line) for line in (package / "requirements.txt").read_text().splitlines()]
    pinned = {line.name for line in lines if str(line.specifier).startswith("==")}
    assert "mlflow" in {line.name for line in lines}
    assert plugins.get(name).distribution in pinned


def test_an_unknown_option_is_refused(name: str, case: Case, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="unknown option"):
        plugins.get(name).save_model(case.model, tmp_path / "model", no_such_option=1)


def test_rows_that_may_be_joined_are_predicted_alone_as_together(case: Case, package: Path) -> None:
    model = mlpack.pyfunc.load_model(package)
    if not model.row_wise:
        pytest.skip("requests of this model are never joined")
    whole = np.asarray(model.predict(case.data))
    alone = np.concatenate([np.asarray(model.predict(case.data.iloc[[row]])) for row in range(len(case.data))])
    order = np.random.default_rng(0).permutation(len(case.data))
    assert np.array_equal(alone, whole)
    assert np.array_equal(np.asarray(model.predict(case.data.iloc[order])), whole[order])


def test_requests_that_wait_are_answered_as_each_alone(case: Case, package: Path) -> None:
    scorer = Scorer(mlpack.pyfunc.load_model(package), Settings())
    bodies = [orjson.dumps({"dataframe_split": case.data.iloc[[row]].to_dict("split")}) for row in range(9)]
    payloads = [scorer.read(body, JSON) for body in bodies]
    assert scorer.answer_together(payloads) == [
        cast(Answer, scorer.answer(Request(body, JSON))).body for body in bodies
    ]
