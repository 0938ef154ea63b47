"""Fetching folders: files in parallel, each to a hidden place first, its size checked, and again when it broke off."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from mlpack.errors import PackageNotFound, StoreFailure, UnsafePackage
from mlpack.files import give_usual_permissions, sync, walk
from mlpack.stores.artifacts.base import ArtifactFile, Artifacts, Interrupted, checked

#: Called with the bytes that are there by now, and the bytes of all.
Report = Callable[[int, int], None]

_AT_ONCE = 8
_MOST_FILES = 100_000
_DEEPEST = 64
_ATTEMPTS = 5
_FIRST_PAUSE = 0.5


def fetch_all(artifacts: Artifacts, path: str, target: Path, *, report: Report = lambda done, total: None) -> Path:
    """Fetch the file or folder at ``path`` so that it is at ``target``; returns that.

    Files of a folder that are there already are replaced, each of them whole.

    Raises:
        PackageNotFound: nothing is at ``path``.
        UnsafePackage: the store tells names that could leave the folder.
        StoreFailure: the store cannot be reached, or sends something else than it told.
    """
    files = below(artifacts, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target if target.is_dir() else target.parent  # a folder that is there may be a disk of its own
    staging = Path(tempfile.mkdtemp(dir=beside, prefix=f".{target.name}.", suffix=".mlpack-part"))
    try:
        fetched = fetch(artifacts, files, path, staging, report=report)
        for entry in (fetched, *(walk(fetched) if fetched.is_dir() else ())):
            give_usual_permissions(entry)
        if fetched.is_file() or not target.exists():
            fetched.replace(target)
        else:
            for file in filter(Path.is_file, walk(fetched)):
                place = target / file.relative_to(fetched)
                place.parent.mkdir(parents=True, exist_ok=True)
                file.replace(place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return target


def below(artifacts: Artifacts, path: str) -> Sequence[ArtifactFile]:
    """All files below a path, at any depth, or the one at it.

    Raises:
        PackageNotFound: nothing is there.
        UnsafePackage: a name could leave the folder, comes twice, or there are too many.
    """
    files = []
    for number, file in enumerate(_walk(artifacts, path, 0)):
        if number == _MOST_FILES:
            raise UnsafePackage(f"{artifacts.uri} has more than {_MOST_FILES} files and folders")
        if not file.is_dir:
            files.append(file)
    if not files and (single := artifacts.file(path)):
        files = [single]
    if not files:
        raise PackageNotFound(f"there is nothing at {'/'.join(filter(None, (artifacts.uri, path)))}")
    # Names that differ in case alone are one file on some systems.
    twice = [name for name, count in Counter(file.path.casefold() for file in files).items() if count > 1]
    if twice:
        raise UnsafePackage(f"{artifacts.uri} has two files named {twice[0]!r}")
    return files


def fetch(
    artifacts: Artifacts,
    files: Sequence[ArtifactFile],
    path: str,
    staging: Path,
    *,
    report: Report = lambda done, total: None,
) -> Path:
    """Fetch ``files``, all below ``path``, into a folder that only this call writes; returns where they are in it.

    A call that failed or was killed leaves in ``staging`` what the next one goes on from. All is private to its owner.
    """
    whole, parts = staging / "whole", staging / "parts"
    _private(parts)
    _check_space(files, staging)
    progress = _Progress(files, report)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            running = [
                pool.submit(_fetch_file, artifacts, file, _place(file.path, path, whole), parts, progress)
                for file in files
            ]
            for ended in as_completed(running):
                ended.result()
        finally:
            progress.stopped.set()
            pool.shutdown(cancel_futures=True)
    for folder in filter(Path.is_dir, walk(whole) if whole.is_dir() else ()):
        sync(folder)
    sync(whole)
    return whole


class _Stopped(Exception):
    """Another file failed, or the user interrupted: this one need not go on."""


class _Progress:
    """Bytes of all files together; what ends all threads, too."""

    def __init__(self, files: Sequence[ArtifactFile], report: Report) -> None:
        self.stopped = threading.Event()
        self._total = sum(file.file_size or 0 for file in files)
        self._done: dict[str, int] = {}
        self._sum = 0
        self._report = report
        self._lock = threading.Lock()

    def advance(self, path: str, done: int) -> None:
        if self.stopped.is_set():
            raise _Stopped
        with self._lock:
            self._sum += done - self._done.get(path, 0)
            self._done[path] = done
            self._report(self._sum, max(self._total, self._sum))


def _walk(artifacts: Artifacts, path: str, depth: int) -> Iterator[ArtifactFile]:
    if depth > _DEEPEST:
        raise UnsafePackage(f"{artifacts.uri} has folders {_DEEPEST} deep")
    for file in artifacts.list(path):
        yield file
        if file.is_dir:
            yield from _walk(artifacts, file.path, depth + 1)


def _place(name: str, path: str, target: Path) -> Path:
    """Where a file goes: its path is below ``path``, or is it where that is a file."""
    if name == path:
        return target
    prefix = f"{path}/" if path else ""
    return target / checked(name.removeprefix(prefix), of="the store")


def _fetch_file(artifacts: Artifacts, file: ArtifactFile, place: Path, parts: Path, progress: _Progress) -> None:
    if file.file_size is not None and place.is_file() and place.stat().st_size == file.file_size:
        progress.advance(file.path, file.file_size)  # an earlier fetch got this far
        return
    identity = "\n".join((file.path, str(file.file_size), file.mark))
    part = parts / hashlib.sha256(identity.encode()).hexdigest()
    for attempt in range(_ATTEMPTS):
        try:
            artifacts.read_to(file, part, advance=lambda done: progress.advance(file.path, done))
            break
        except Interrupted:
            if attempt + 1 == _ATTEMPTS or progress.stopped.wait(_FIRST_PAUSE * 2**attempt):
                raise
    sync(part)
    _private(place.parent)
    part.replace(place)


def _private(folder: Path) -> None:
    """Make a folder and those above it; ``mkdir`` would give those above the mode of the umask."""
    if not folder.is_dir():
        _private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _check_space(files: Sequence[ArtifactFile], folder: Path) -> None:
    needed = sum(file.file_size or 0 for file in files)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise StoreFailure(
            f"{needed} bytes are to be fetched, and the disk of {folder} has {free} free",
            tip="make room with mlpack cache clear, or set MLPACK_CACHE_ROOT to a folder on another disk",
        )
