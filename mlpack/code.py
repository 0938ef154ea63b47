"""The user's own modules (``code_paths``): copied into the package, and importable once it is loaded."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from os import PathLike, fspath
from pathlib import Path
from types import CodeType

from mlpack.errors import InvalidArgument

#: The folder of a package that holds the user's modules.
CODE = "code"

_active: list[Path] = []


def check_code_paths(paths: Iterable[str | PathLike[str]]) -> list[Path]:
    """The paths as given, absolute.

    Raises:
        InvalidArgument: one does not exist, or two of them have the same name.
    """
    found: dict[str, Path] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise InvalidArgument(f"code_paths: {path} does not exist")
        absolute = path.resolve()
        if absolute.name in found:
            raise InvalidArgument(f"code_paths: {path} and {found[absolute.name]} would both become {absolute.name}")
        found[absolute.name] = absolute
    return list(found.values())


def copy_code(paths: Iterable[Path], folder: Path) -> str | None:
    """Copy files and folders into the package's code folder; its name, or None where there is nothing to copy."""
    target = folder / CODE
    for path in paths:
        target.mkdir(exist_ok=True)
        if path.is_file():
            shutil.copyfile(path, target / path.name)
        else:
            # The package may be written below a folder that is copied into it; its own hidden sibling stays out.
            skip = shutil.ignore_patterns("__pycache__", "*.pyc", folder.name)
            shutil.copytree(path, target / path.name, ignore=skip)
    return CODE if target.exists() else None


@contextmanager
def importable(paths: Iterable[Path]) -> Iterator[None]:
    """Put the folders that hold the user's modules on ``sys.path`` while a package is being saved."""
    added = [fspath(path.parent) for path in paths]
    sys.path[:0] = added
    try:
        yield
    finally:
        for entry in added:
            sys.path.remove(entry)


def activate(folder: Path) -> None:
    """Make a package's code folder importable, in front of everything else, until the process ends.

    A model may import its modules when it first predicts, so the folder stays. Modules of the same name that another
    package brought are forgotten, so that each package gets its own. Bytecode is neither read from the package (it
    could differ from the source that was checked) nor written into it.
    """
    folder = folder.resolve()
    _install_hook()
    if folder not in _active:
        _active.append(folder)
    own = {path.stem if path.suffix == ".py" else path.name for path in folder.iterdir()}
    for name, module in list(sys.modules.items()):
        origin = getattr(module, "__file__", None)
        if name.partition(".")[0] in own and origin and _owner(Path(origin)) not in (None, folder):
            del sys.modules[name]
    entry = fspath(folder)
    if entry in sys.path:
        sys.path.remove(entry)
    sys.path.insert(0, entry)


def forget(package: Path) -> None:
    """Forget the modules that a package brought, so that they are read anew when it is loaded again.

    For who replaces a package by another version: what a model imports when it predicts is not found any more.
    """
    prefix = fspath(package.resolve()) + os.sep
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(prefix):
            del sys.modules[name]
    sys.path[:] = [entry for entry in sys.path if not entry.startswith(prefix)]
    _active[:] = [folder for folder in _active if not fspath(folder).startswith(prefix)]
    importlib.invalidate_caches()


def _owner(path: Path) -> Path | None:
    return next((folder for folder in _active if path.is_relative_to(folder)), None)


class _SourceOnly(SourceFileLoader):
    """Compiles a module from its source each time: a package's bytecode is not covered by its digests."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _finder(entry: str) -> FileFinder:
    if _owner(Path(entry)) is None:
        raise ImportError(entry)
    return FileFinder(entry, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_SourceOnly, [".py"]))


def _install_hook() -> None:
    if _finder not in sys.path_hooks:
        sys.path_hooks.insert(0, _finder)
