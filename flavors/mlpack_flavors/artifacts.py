"""Files that a model in plain Python brings along: copied into the package, and found again in it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.trust import inside


def copy_artifacts(folder: Path, artifacts: Mapping[str, str | PathLike[str]]) -> dict[str, dict[str, str]]:
    """The manifest's ``artifacts``: name -> path in the package; two of one name get a folder each."""
    entries: dict[str, dict[str, str]] = {}
    for number, (name, given) in enumerate(artifacts.items()):
        source = Path(given).resolve()
        clash = source.name.casefold() in {Path(entry["path"]).name.casefold() for entry in entries.values()}
        path = copy_in(source, folder, f"artifacts/{number}" if clash else "artifacts", key=f"artifact {name!r}")
        entries[name] = {"path": path, "uri": path}
    return entries


def copy_in(source: Path, folder: Path, below: str, *, key: str) -> str:
    """Copy a file or a folder into a folder of the package; its path there."""
    if not source.exists():
        raise InvalidArgument(f"{key}: {source} does not exist")
    source = source.resolve()
    target = folder / below / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)
    return target.relative_to(folder).as_posix()


def artifact_paths(folder: Path, entries: Any) -> dict[str, str]:
    """The absolute path of each artifact, by its name; raises UnsafePackage where one would be outside the package."""
    if not isinstance(entries, Mapping) or not all(isinstance(entry, Mapping) for entry in entries.values()):
        raise InvalidPackage("MLmodel: artifacts must map each name to a path")
    return {
        name: fspath(inside(folder, entry.get("path"), key=f"artifacts.{name}").absolute())
        for name, entry in entries.items()
    }
