"""Saving all cases with a library, and putting all inputs and questions to what one loads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from . import echo_models, old_formats, python_models, sklearn_models  # noqa: F401  # they register their cases
from .cases import CASES, Case
from .describe import describe
from .questions import Question


def save_all(lib: Any, folder: Path, release: tuple[int, int]) -> dict[str, str]:
    """Save each case that this library can save; returns what went wrong, by case."""
    failures = {}
    for case in CASES.values():
        if lib.__name__ in case.by and case.since <= release:
            try:
                case.save(lib, folder / case.name)
            except Exception as error:  # noqa: BLE001  # whatever it is, a test reports it for its case
                failures[case.name] = f"{type(error).__name__}: {error}"
    return failures


def predictions(load: Callable[[str], Any], case: Case, folder: Path) -> list[Any]:
    """What the model answers in Python, described, to each input, with params if there are some, and as a stream."""
    model = load(str(folder))
    answers = [_told(model.predict, data) for data in case.inputs()]
    if case.params:
        answers.append(_told(model.predict, case.inputs()[0], params=dict(case.params)))
    if model.metadata.flavors["python_function"].get("streamable"):
        answers += [_told(lambda data: list(model.predict_stream(data)), data) for data in case.inputs()]
    return answers


def _told(predict: Callable[..., Any], data: Any, **options: Any) -> Any:
    try:
        return describe(predict(data, **options))
    except Exception as error:  # noqa: BLE001  # a refusal is an answer, too
        refused = any(base.__name__ in ("MlflowException", "MlpackError") for base in type(error).__mro__)
        return {"refused": ""} if refused else {"raised": f"{type(error).__name__}: {error}"}


def native(load: Callable[[str], Any], case: Case, folder: Path) -> list[Any]:
    """The class that the flavor's own loader gives, and what it predicts on the first input."""
    model = load(str(folder))
    predicts = hasattr(model, "predict")
    return [type(model).__name__, *([_told(model.predict, case.inputs()[0])] if predicts else [])]


def ask_all(client: Any, asked: Iterable[Question]) -> list[list[Any]]:
    """Status, content type and text of the answer to each question, by a client with Starlette's test interface."""
    return [_ask(client, question) for question in asked]


def _ask(client: Any, question: Question) -> list[Any]:
    headers = {} if question.content_type is None else {"content-type": question.content_type}
    answer = client.request(question.method, question.path, content=question.body, headers=headers)
    return [answer.status_code, answer.headers.get("content-type"), answer.text]
