"""mlpack's side of the comparison, in this interpreter, where no MLflow is."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

import mlpack
import mlpack.models
import mlpack.pyfunc
import mlpack.sklearn
import mlpack.types
from mlpack_serving.app import ScoringApp
from mlpack_serving.settings import Settings
from tests.interop.catalogue.cases import Case
from tests.interop.catalogue.questions import Question
from tests.interop.catalogue.sitting import ask_all, predictions, save_all

#: All that mlpack can do is what the newest MLflow can.
NEWEST = (99, 0)


def save_all_with_mlpack(folder: Path) -> dict[str, str]:
    """Save all cases with mlpack."""
    with quiet():
        return save_all(mlpack, folder, NEWEST)


def predictions_of_mlpack(case: Case, package: Path) -> list[Any]:
    """What mlpack predicts for each input of the case."""
    with quiet():
        return predictions(mlpack.pyfunc.load_model, case, package)


def answers_of_mlpack(package: Path, asked: Iterable[Question]) -> list[list[Any]]:
    """What mlpack's server answers to each question."""
    with quiet():
        app = ScoringApp(mlpack.pyfunc.load_model(package), Settings())
        with TestClient(app, raise_server_exceptions=False) as client:
            return ask_all(client, asked)


@contextmanager
def quiet() -> Iterator[None]:
    """Warnings are no errors here: the models of the cases are made to be odd."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
