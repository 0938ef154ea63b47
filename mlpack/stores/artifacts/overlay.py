"""Two places seen as one, as a ``runs:/`` URI may name them: files of the upper hide those of the lower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mlpack.errors import InvalidArgument
from mlpack.stores.artifacts.base import Advance, ArtifactFile, Artifacts


class Overlay(Artifacts):
    """``upper`` over ``lower``; read only. Used in place where only one of them has anything."""

    def __init__(self, upper: Artifacts, lower: Artifacts) -> None:
        super().__init__(f"{upper.uri} over {lower.uri}")
        self._upper = upper
        self._lower = lower
        #: Folder -> what the upper place has in it, as last listed.
        self._above: dict[str, set[str]] = {}

    def list(self, path: str = "") -> Sequence[ArtifactFile]:
        above = self._upper.list(path)
        self._above[path] = {file.path for file in above}
        merged = {file.path: file for file in (*self._lower.list(path), *above)}
        return [merged[name] for name in sorted(merged)]

    def read_to(self, file: ArtifactFile, target: Path, *, advance: Advance = lambda done: None) -> None:
        parent = file.path.rpartition("/")[0]
        if parent not in self._above:
            self.list(parent)
        (self._upper if file.path in self._above[parent] else self._lower).read_to(file, target, advance=advance)

    def write(self, local: Path, path: str) -> None:
        raise InvalidArgument(f"{self.uri} cannot be written", tip="write to the run or to the model")

    def local(self, path: str = "") -> Path | None:
        above, below = self._upper.local(path), self._lower.local(path)
        if above is None and below is None:  # to be fetched, whatever they have
            return None
        filled, beneath = bool(self._upper.list(path)), bool(self._lower.list(path))
        if filled and beneath:
            return None
        return below if beneath else above


class Mounted(Artifacts):
    """Artifacts seen as the folder ``at`` of a place that has nothing else; read only."""

    def __init__(self, inner: Artifacts, at: str) -> None:
        super().__init__(inner.uri)
        self._inner = inner
        self._at = at

    def list(self, path: str = "") -> Sequence[ArtifactFile]:
        if not path:
            return [ArtifactFile(self._at, is_dir=True)]
        if not self._has(path):
            return []
        found = self._inner.list(path[len(self._at) + 1 :])
        return [replace(file, path=f"{self._at}/{file.path}") for file in found]

    def read_to(self, file: ArtifactFile, target: Path, *, advance: Advance = lambda done: None) -> None:
        inner = replace(file, path=file.path[len(self._at) + 1 :])
        self._inner.read_to(inner, target, advance=advance)

    def write(self, local: Path, path: str) -> None:
        raise InvalidArgument(f"{self.uri} cannot be written", tip="write to the model")

    def local(self, path: str = "") -> Path | None:
        return self._inner.local(path[len(self._at) + 1 :]) if self._has(path) else None

    def _has(self, path: str) -> bool:
        return f"{path}/".startswith(f"{self._at}/")
