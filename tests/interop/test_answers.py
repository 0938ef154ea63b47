"""HTTP answers of mlpack's scoring server and of MLflow's, to each question about each model, value for value."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop.answers import Answer
from tests.interop.catalogue.cases import CASES
from tests.interop.catalogue.questions import questions
from tests.interop.conftest import Packages, Report
from tests.interop.differences import Asked, comparable, expected
from tests.interop.likeness import view_of
from tests.interop.ours import answers_of_mlpack
from tests.interop.pairs import readings


@pytest.mark.parametrize(("release", "saver", "name"), readings())
def test_answers_are_equal(
    release: str, saver: str, name: str, told: Callable[[str, str], Report], saved: Callable[[str], Packages]
) -> None:
    view = view_of(release)
    differing = [
        (asked.name, wanted, got)
        for asked, got in exchanges(release, name, told(release, saver)[name], saved(saver).folder / name)
        if comparable(asked) and not (wanted := expected(asked)).met_by(got, view)
    ]
    assert differing == []


def exchanges(release: str, name: str, report: Report, package: Path) -> Iterator[tuple[Asked, Answer]]:
    """Each question as MLflow was asked it, with its answer, and mlpack's; none where the package cannot predict."""
    if "answers" not in report:
        return
    bodies = map(base64.b64decode, report["bodies"])
    asked = [replace(question, body=body) for question, body in zip(questions(CASES[name]), bodies, strict=True)]
    theirs = [Answer(*answer) for answer in report["answers"]]
    ours = [Answer(*answer) for answer in answers_of_mlpack(package, asked)]
    others = {question.name: answer for question, answer in zip(asked, theirs, strict=True)}
    for question, their, our in zip(asked, theirs, ours, strict=True):
        yield Asked(release, name, question, their, others), our
