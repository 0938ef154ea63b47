"""Files of a folder on this machine, used in place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from mlpack.files import whole_file
from mlpack.stores.artifacts.base import Advance, ArtifactFile, Artifacts, checked, receive


class LocalArtifacts(Artifacts):
    """The files below ``root``."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self._root = root

    def list(self, path: str = "") -> Sequence[ArtifactFile]:
        folder = self._inside(path)
        if not folder.is_dir():
            return []
        found = []
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            below = f"{path}/{entry.name}" if path else entry.name
            if entry.is_dir(follow_symlinks=False):
                found.append(ArtifactFile(below, is_dir=True))
            else:
                found.append(_told(below, entry.stat(follow_symlinks=False)))
        return found

    def file(self, path: str = "") -> ArtifactFile | None:
        place = self._inside(path)
        return _told(path, place.lstat()) if place.is_file() else None

    def read_to(self, file: ArtifactFile, target: Path, *, advance: Advance = lambda done: None) -> None:
        # A link could lead anywhere, and reading a pipe would wait for ever.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(self._inside(file.path), flags), "rb") as source:
            receive(source, target, file, advance=advance)

    def write(self, local: Path, path: str) -> None:
        target = self._inside(checked(path, of="the call"))
        target.parent.mkdir(parents=True, exist_ok=True)
        with local.open("rb") as source, whole_file(target) as file:
            shutil.copyfileobj(source, file, 1 << 20)

    def local(self, path: str = "") -> Path | None:
        return self._inside(path)

    def _inside(self, path: str) -> Path:
        return self._root / checked(path, of=self.uri) if path else self._root


def _told(path: str, status: os.stat_result) -> ArtifactFile:
    return ArtifactFile(path, False, status.st_size, str(status.st_mtime_ns))
