"""Real servers, each a process of its own: what they answer is what their applications answer in the other tests."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.interop.answers import OK, Answer
from tests.interop.catalogue.cases import CASES
from tests.interop.catalogue.questions import Question, questions
from tests.interop.conftest import Mlflow, Packages, Report
from tests.interop.environments import MLFLOWS
from tests.interop.ours import answers_of_mlpack
from tests.interop.servers import Server, served

SERVED = ("logistic_regression_with_everything", "pipeline_on_a_mixed_frame", "model_from_a_code_file")


@pytest.mark.parametrize("release", MLFLOWS)
@pytest.mark.parametrize("name", SERVED)
def test_mlflow_serves_what_mlpack_saved(
    name: str,
    release: str,
    mlflow: Callable[[str], Mlflow],
    saved: Callable[[str], Packages],
    told: Callable[[str, str], Report],
    tmp_path: Path,
) -> None:
    theirs = [Answer(*answer) for answer in told(release, "mlpack")[name]["answers"]]
    with served(mlflow(release).python, "mlflow", saved("mlpack").folder / name, tmp_path / "log") as server:
        assert_equal([ask(server, question) for question in questions(CASES[name])], theirs)


@pytest.mark.parametrize("release", MLFLOWS)
@pytest.mark.parametrize("name", SERVED)
def test_mlpack_serves_what_mlflow_saved(
    name: str, release: str, saved: Callable[[str], Packages], tmp_path: Path
) -> None:
    package = saved(release).folder / name
    ours = [Answer(*answer) for answer in answers_of_mlpack(package, questions(CASES[name]))]
    with served(Path(sys.executable), "mlpack", package, tmp_path / "log") as server:
        assert_equal([ask(server, question) for question in questions(CASES[name])], ours)


def ask(server: Server, question: Question) -> Answer:
    """What the server answers, on a connection of its own: MLflow's closes one after an error of status 500."""
    headers = {} if question.content_type is None else {"Content-Type": question.content_type}
    with server.connect() as connection:
        connection.request(question.method, question.path, question.body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers.get("content-type", ""), answer.read().decode())


def assert_equal(served: list[Answer], direct: list[Answer]) -> None:
    """The same statuses, and of good answers the same values."""
    assert [answer.status for answer in served] == [answer.status for answer in direct]
    assert [answer.value() for answer in served if answer.status == OK] == [
        answer.value() for answer in direct if answer.status == OK
    ]
