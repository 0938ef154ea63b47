"""Stand-ins for names of MLflow, so that packages that refer to them work where MLflow is not installed.

They can be imported only while code of a package runs: while one is loaded, and while its model predicts. Then
``import mlflow`` gives modules that have the names of :mod:`mlpack.standins.table` and no others; afterwards they are
gone from ``sys.modules`` again, so that other code finds what is really installed. (A thread that looks at the same
moment sees them.) An installed MLflow comes first: stand-ins are only for what cannot be found otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from threading import Lock
from types import ModuleType
from typing import Any

from mlpack.standins.table import STAND_INS, WRITTEN_AS

_lock = Lock()
_running = 0


@contextmanager
def active() -> Iterator[None]:
    """Have stand-ins importable; may be nested, and used by several threads at a time."""
    global _running  # noqa: PLW0603  imports are a matter of the whole process
    with _lock:
        _running += 1
        if _FINDER not in sys.meta_path:
            sys.meta_path.append(_FINDER)
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if not _running:
                _FINDER.forget()


def mlflow_name(value: object) -> tuple[str, str] | None:
    """The module and the name by which MLflow knows a class or function of ours that is saved with a model."""
    return WRITTEN_AS.get((getattr(value, "__module__", ""), getattr(value, "__qualname__", "")))


class _StandIn(ModuleType):
    """A module of MLflow with the names that have a stand-in."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"Stands in for MLflow's {name}.")
        self.__path__: list[str] = []
        self.__all__ = list(STAND_INS[name])

    def __getattr__(self, name: str) -> Any:
        full = f"{self.__name__}.{name}"
        if full in STAND_INS:
            value: Any = _FINDER.module(full)
        elif name in STAND_INS[self.__name__]:
            module, ours = STAND_INS[self.__name__][name]
            value = getattr(import_module(module), ours)
        else:
            raise AttributeError(f"{full} needs MLflow itself, which is not installed", name=name, obj=self)
        setattr(self, name, value)
        return value


class _Finder(MetaPathFinder, Loader):
    """Finds and loads stand-ins; the last finder of all, so that what is installed comes first."""

    def __init__(self) -> None:
        self._modules: dict[str, _StandIn] = {}
        self._imported: set[str] = set()

    def module(self, name: str) -> _StandIn:
        """The stand-in of that name, always the same."""
        return self._modules.setdefault(name, _StandIn(name))

    def forget(self) -> None:
        """Take the stand-ins out of ``sys.modules``."""
        for name in self._imported:
            sys.modules.pop(name, None)
        self._imported.clear()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if _running and fullname in STAND_INS else None

    def create_module(self, spec: ModuleSpec) -> _StandIn:
        self._imported.add(spec.name)
        return self.module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is to be run: attributes are looked up when they are asked for."""


_FINDER = _Finder()
