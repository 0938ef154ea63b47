"""Folders on their way to and from the place where a store keeps files."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mlpack.errors import PackageNotFound
from mlpack.files import MLMODEL, walk
from mlpack.stores.artifacts import Artifacts, fetch_all

_AT_ONCE = 8


def joined(*parts: str | None) -> str:
    """Parts of a path, those that are empty left out, with slashes between them."""
    return "/".join(part.strip("/") for part in parts if part and part.strip("/"))


def write_folder(artifacts: Artifacts, folder: Path, path: str) -> None:
    """Store all files of a folder below ``path``, its manifest last: a package that has one is whole."""
    files = [file for file in walk(folder) if file.is_file()]

    def write(file: Path) -> None:
        artifacts.write(file, joined(path, file.relative_to(folder).as_posix()))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(write, (file for file in files if file.name != MLMODEL)))
    for file in files:
        if file.name == MLMODEL:
            write(file)


def fetch_or_find(artifacts: Artifacts, path: str, folder: Path | None) -> Path:
    """The file or folder at ``path``, fetched to below ``folder``; without one in place, or else in a temporary folder.

    Raises:
        PackageNotFound: nothing is at ``path``.
    """
    if folder is None:
        local = artifacts.local(path)
        if local is not None:
            if not local.exists():
                raise PackageNotFound(f"there is nothing at {local}")
            return local
        folder = Path(tempfile.mkdtemp(prefix="mlpack-"))
    return fetch_all(artifacts, path, folder / path)
