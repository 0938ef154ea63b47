"""Packages that were fetched: kept by what they are, whole or not at all, the least recently used ones thrown away.

``<root>/<key>`` is an entry, ``.<key>.part`` one that is being fetched, ``<key>.lock`` what keeps processes apart: held
alone while an entry is fetched or removed, and shared for the life of every process that uses it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlpack.errors import InvalidArgument, StoreFailure
from mlpack.files import sync, walk, write_atomically

try:
    import fcntl
except ImportError:  # Windows has no flock; two fetches of one package at once are not kept apart there
    fcntl = None  # type: ignore[assignment]

_CAP = 10 * 1024**3
_RECENT = 3600.0
_ABOUT = "about.json"
_WHOLE = "whole"
#: The locks of entries that this process uses, which keep others from removing them: lock file -> descriptor.
_in_use: dict[Path, int] = {}


@dataclass(frozen=True)
class Entry:
    """What the cache holds: ``used`` is seconds since 1970, and one that is not ``complete`` was broken off."""

    key: str
    uri: str
    path: Path
    size: int
    used: float
    complete: bool

    @property
    def package(self) -> Path:
        """The folder of the package itself."""
        return self.path / _WHOLE


class Cache:
    """The cache below a folder, of at most ``cap`` bytes beside what is in use or was used within the last hour."""

    def __init__(self, root: Path, cap: int = _CAP) -> None:
        self.root = root
        self.cap = cap

    @classmethod
    def from_environment(cls) -> Cache:
        """The user's own: MLPACK_CACHE_ROOT (default ``~/.cache/mlpack/packages``), MLPACK_CACHE_BYTES (10 GiB)."""
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        root = Path(os.environ.get("MLPACK_CACHE_ROOT") or Path(base, "mlpack", "packages")).absolute()
        cap = os.environ.get("MLPACK_CACHE_BYTES", str(_CAP))
        if not cap.isdecimal():
            raise InvalidArgument(f"MLPACK_CACHE_BYTES is {cap!r}, and must be a number of bytes")
        return cls(root, int(cap))

    def get(self, identity: Sequence[str], uri: str, fetch: Callable[[Path], object]) -> Path:
        """The folder of a package, fetched if it is not here yet, and kept while this process lives.

        ``identity`` says what the package is: the same one is the same content. ``uri`` is what people see of it.
        ``fetch`` makes ``whole`` in a folder that may hold what an earlier call left. Processes that ask at the same
        time fetch once.
        """
        key = hashlib.sha256(json.dumps(list(identity)).encode()).hexdigest()[:32]
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        entry, lock = self.root / key, self.root / f"{key}.lock"
        while True:
            handle = _in_use.get(lock) or _locked(lock)
            if (entry / _WHOLE).exists():
                os.utime(lock)
                os.set_inheritable(handle, True)  # what this process becomes by exec uses the entry still
                _in_use[lock] = handle
                return entry / _WHOLE
            os.close(handle)
            _in_use.pop(lock, None)
            handle = _locked(lock, alone=True)
            try:
                if not (entry / _WHOLE).exists():
                    shutil.rmtree(entry, ignore_errors=True)
                    self._fetch(entry, uri, fetch)
            finally:
                os.close(handle)
            self.evict()

    def entries(self) -> list[Entry]:
        """What is here, the most recently used first."""
        found = []
        for path in self.root.iterdir() if self.root.is_dir() else ():
            with contextlib.suppress(OSError, ValueError):  # removed by another process, or not ours
                if path.suffix == ".part" or (path / _ABOUT).exists():
                    found.append(_entry(path))
        return sorted(found, key=lambda entry: -entry.used)

    def evict(self) -> list[Entry]:
        """Remove the least recently used entries until the rest fits; those in use and recent ones stay."""
        entries = self.entries()
        total = sum(entry.size for entry in entries)
        removed = []
        for entry in reversed(entries):
            if total <= self.cap:
                break
            if time.time() - entry.used > _RECENT and self._remove(entry):
                total -= entry.size
                removed.append(entry)
        return removed

    def clear(self) -> list[Entry]:
        """Remove all that is not in use; returns what was removed."""
        return [entry for entry in self.entries() if self._remove(entry)]

    def _fetch(self, entry: Path, uri: str, fetch: Callable[[Path], object]) -> None:
        part = entry.with_name(f".{entry.name}.part")
        part.mkdir(mode=0o700, exist_ok=True)
        try:
            write_atomically(part / _ABOUT, json.dumps({"uri": uri}))
            fetch(part)
            size = _size(part / _WHOLE)
            write_atomically(part / _ABOUT, json.dumps({"uri": uri, "size": size}))
            shutil.rmtree(part / "parts", ignore_errors=True)
            sync(part)
            part.rename(entry)
            sync(self.root)
        except StoreFailure:  # the next attempt goes on from what came
            raise
        except BaseException as error:
            if not isinstance(error, KeyboardInterrupt):
                shutil.rmtree(part, ignore_errors=True)
            raise

    def _remove(self, entry: Entry) -> bool:
        lock = self.root / f"{entry.key}.lock"
        try:
            handle = _locked(lock, alone=True, wait=False)
        except BlockingIOError:
            return False
        try:
            # Renamed first, so that nobody takes what is half removed for whole.
            part = self.root / f".{entry.key}.part"
            if entry.complete:
                shutil.rmtree(part, ignore_errors=True)
                entry.path.rename(part)
            shutil.rmtree(part)
            lock.unlink()
        finally:
            os.close(handle)
        return True


def _entry(path: Path) -> Entry:
    complete = path.suffix != ".part"
    key = path.name if complete else path.name[1 : -len(".part")]
    about = json.loads((path / _ABOUT).read_text("utf-8"))
    size = about.get("size") or _size(path)
    return Entry(key, str(about["uri"]), path, size, path.with_name(f"{key}.lock").stat().st_mtime, complete)


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in walk(folder) if path.is_file())


def _locked(lock: Path, *, alone: bool = False, wait: bool = True) -> int:
    """Hold a lock, alone or with others, until the returned descriptor is closed.

    Raises:
        BlockingIOError: it is held, and this was not to wait.
    """
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
            # Whoever removed the entry removed the lock file, too: then another one counts by now.
            if os.path.samestat(os.fstat(handle), lock.stat()):
                return handle
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
