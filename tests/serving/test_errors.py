"""What a client is told of an error, and what it never is."""

from __future__ import annotations

import pytest

from mlpack.errors import LimitExceeded, MalformedPayload, PredictionFailed, SchemaMismatch
from mlpack_serving.errors import DeadlineExceeded, ModelBroken, Problem, cut, model_message


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (MalformedPayload("broken"), 400, "BAD_REQUEST"),
        (SchemaMismatch("age", expected="long", got="text"), 400, "INVALID_PARAMETER_VALUE"),
        (LimitExceeded("depth", limit=64), 413, "RESOURCE_LIMIT_EXCEEDED"),
        (PredictionFailed("no"), 400, "BAD_REQUEST"),
        (ModelBroken("no"), 500, "INTERNAL_ERROR"),
        (DeadlineExceeded("late"), 504, "DEADLINE_EXCEEDED"),
        (ZeroDivisionError("secret"), 500, "INTERNAL_ERROR"),
    ],
)
def test_each_kind_of_error_has_a_status_and_a_code(error: Exception, status: int, code: str) -> None:
    problem = Problem.of(error)
    assert (problem.status, problem.code) == (status, code)
    assert "secret" not in problem.message


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("No such file: '/srv/models/a b/x.pkl'", "No such file: '<path>'"),
        ("cannot open C:\\models\\x.pkl now", "cannot open <path> now"),
        ("in ../artifacts/data.csv, line 3", "in <path>, line 3"),
        ("see lib/python3/site-packages/sklearn/base.py", "see <path>"),
        ("1/2 of km/h is and/or", "1/2 of km/h is and/or"),
        ("divide by 3 / 4", "divide by 3 / 4"),
        ("first\nrows: 1 2 3", "first"),
    ],
)
def test_of_a_model_error_only_the_first_line_without_paths_is_told(said: str, told: str) -> None:
    assert model_message(ValueError(said)) == f"the model raised ValueError: {told}"


def test_a_model_error_without_words_is_named() -> None:
    assert model_message(KeyError()) == "the model raised KeyError"


def test_long_messages_are_cut_between_characters() -> None:
    assert cut("é" * 10, 20) == "é" * 10
    assert cut("é" * 11, 20) == "é" * 8 + "…"
