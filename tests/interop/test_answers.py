"""HTTP answers of mlpack's scoring server and of MLflow's, to each question about each model, value for value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.interop.catalogue.cases import CASES
from tests.interop.catalogue.questions import questions
from tests.interop.conftest import Packages, Report
from tests.interop.differences import Answer, expected_answer
from tests.interop.ours import answers_of_mlpack
from tests.interop.pairs import readings


@pytest.mark.parametrize(("release", "saver", "name"), readings())
def test_answers_are_equal(
    release: str, saver: str, name: str, told: Callable[[str, str], Report], saved: Callable[[str], Packages]
) -> None:
    theirs = told(release, saver)[name].get("answers", [])
    ours = answers_of_mlpack(CASES[name], saved(saver).folder / name) if theirs else []
    differing = [
        (question.name, expected, got)
        for question, their, our in zip(questions(CASES[name]) if theirs else [], theirs, ours, strict=True)
        if not (expected := expected_answer(name, release, question, Answer(*their))).met_by(got := Answer(*our))
    ]
    assert differing == []
