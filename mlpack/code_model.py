"""Models whose code is a file: what such a file calls to say which model it makes, and to read its configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.python_model import PythonModel, as_model
from mlpack.yamlio import load_yaml


@dataclass
class Run:
    """One run of a code file: the configuration that it is given, and the model that it sets."""

    config: Mapping[str, Any]
    model: PythonModel | None = None


_run: ContextVar[Run | None] = ContextVar("run", default=None)


@contextmanager
def running(config: Mapping[str, Any]) -> Iterator[Run]:
    """Receive what a code file sets while it runs in this block."""
    run = Run(config)
    token = _run.set(run)
    try:
        yield run
    finally:
        _run.reset(token)


def set_model(model: Any) -> None:
    """Say, in a code file, that ``model`` (a PythonModel or a function) is the model that the file makes.

    Outside a load, as when the file is run by itself, it only checks that ``model`` can be one.

    Raises:
        InvalidArgument: it cannot.
    """
    checked = as_model(model)
    if (run := _run.get()) is not None:
        run.model = checked


class ModelConfig:
    """The configuration of a code file: ``model_config`` as saved with the model, while a package is loaded.

    ``development_config`` (a map, or the path of a YAML file) is used when the file is run by itself, and never stands
    in for a configuration that was not saved.

    Raises:
        InvalidArgument: there is no configuration.
    """

    def __init__(self, *, development_config: Mapping[str, Any] | str | PathLike[str] | None = None) -> None:
        run = _run.get()
        config = development_config if run is None else run.config
        if isinstance(config, (str, PathLike)):
            config = load_yaml(Path(config))
        if not config:
            raise InvalidArgument(
                "this model reads a ModelConfig and there is none", tip="save it with model_config=..."
            )
        self.config = dict(config)

    def get(self, key: str) -> Any:
        """The value of a key; raises KeyError where there is none."""
        return self.config[key]

    def to_dict(self) -> dict[str, Any]:
        """All of it."""
        return dict(self.config)
