"""Something to do with a module once it is imported: now, where it is already, else right after its code has run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Action = Callable[[ModuleType], None]

_waiting: dict[str, Action] = {}


def when_imported(name: str, action: Action) -> None:
    """Call ``action`` with the module of that name; imports nothing. One action waits for each name."""
    if name in sys.modules:
        action(sys.modules[name])
        return
    _waiting[name] = action
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


def forget(name: str) -> None:
    """Do nothing when the module of that name is imported."""
    _waiting.pop(name, None)
    if not _waiting and _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)


class _Finder(MetaPathFinder):
    """Finds the modules that are waited for as the others do, and has their loaders tell when they are done."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in _waiting:
            return None
        others = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self)
        spec = next(filter(None, others), None)
        if spec is not None and spec.loader is not None:
            _tell(spec.loader, name)
        return spec


_FINDER = _Finder()


def _tell(loader: Any, name: str) -> None:
    """Have a loader, which is made for one module, call what waits for it."""
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        loader.exec_module = execute
        execute(module)
        action = _waiting.get(name)
        forget(name)
        if action is not None:
            action(module)

    loader.exec_module = exec_module
