"""One real model of each flavor, made by its framework: ``tests.flavors.cases.<flavor>.make()`` returns a Case.

The modules import neither mlpack nor MLflow, since both of them save these models (but ``python_function``, whose
models are made with mlpack).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Case:
    """A model, data that its package takes, and how its framework itself predicts on them.

    ``options`` are those of ``save_model`` that both libraries have; ``ours`` and ``theirs`` are those of one alone.
    ``read_as`` is the class that is read back, where it is another than the model's.
    """

    model: Any
    data: Any
    predict: Callable[[Any, Any], Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    ours: Mapping[str, Any] = field(default_factory=dict)
    theirs: Mapping[str, Any] = field(default_factory=dict)
    read_as: str = ""


def cases_of(flavor: str) -> dict[str, Callable[[], Case]]:
    """The cases of a flavor by their names; making one loads the framework, naming them does not."""
    made: dict[str, Callable[[], Case]] = import_module(f"{__name__}.{flavor}").CASES
    return made
