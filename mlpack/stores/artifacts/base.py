"""What a place that keeps files can do, and what is never believed of one: the names and the sizes that it tells."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mlpack.errors import StoreFailure, UnsafePackage

#: Called with the bytes of one file that are there by now.
Advance = Callable[[int], None]

#: What comes over a network is written in such pieces: a killed fetch loses no more than one.
_BLOCK = 1 << 16
_LONGEST_NAME = 255
_LONGEST_PATH = 1024


class Interrupted(StoreFailure):
    """A file broke off while it came: what is there can be kept, and the rest asked for again."""


class Readable(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class ArtifactFile:
    """A file or a folder; ``path`` is relative to the root of its artifacts, with slashes.

    ``file_size`` is None where the store does not tell it. ``mark`` changes when the content does (an ETag, a time of
    change) and is empty where the store has nothing of the kind.
    """

    path: str
    is_dir: bool
    file_size: int | None = None
    mark: str = ""


class Artifacts(ABC):
    """The files below one URI. Paths are relative to it, with slashes; the empty path is the root."""

    def __init__(self, uri: str) -> None:
        #: The URI without credentials, fit for messages.
        self.uri = uri

    @abstractmethod
    def list(self, path: str = "") -> Sequence[ArtifactFile]:
        """What a folder holds, by name; nothing where there is no such folder.

        Raises:
            UnsafePackage: the store tells a name that could leave the folder.
            StoreFailure: it cannot be reached, or refuses.
        """

    def file(self, path: str = "") -> ArtifactFile | None:
        """The file at a path, for the empty one where the root itself is a file; None where there is no file.

        Raises:
            StoreFailure: the store cannot be reached, or refuses.
        """
        beside = self.list(path.rpartition("/")[0]) if path else ()
        return next((file for file in beside if file.path == path and not file.is_dir), None)

    @abstractmethod
    def read_to(self, file: ArtifactFile, target: Path, *, advance: Advance = lambda done: None) -> None:
        """Read a file into ``target``, which may hold its beginning from an attempt before; private to its owner.

        Raises:
            Interrupted: it broke off; ``target`` holds what came.
            StoreFailure: the store cannot be reached, refuses, or sends more than the size that it told.
        """

    @abstractmethod
    def write(self, local: Path, path: str) -> None:
        """Store a file; another of that path is replaced, and nobody sees it half written.

        Raises:
            InvalidArgument: the store cannot be written.
            StoreFailure: it cannot be reached, or refuses.
        """

    def local(self, path: str = "") -> Path | None:
        """The file or folder on this machine, to be used in place; None where it has to be fetched."""
        return None


def checked(path: str, *, of: str) -> str:
    """A relative path that stays below the folder it is joined to.

    ``of`` says whose name it is, for the message. Raises UnsafePackage for an absolute path, an empty, ``.`` or ``..``
    segment, a backslash, a control character, or a name longer than file systems have them.
    """
    segments = path.split("/")
    harmless = (
        path.isprintable()
        and all(segment not in ("", ".", "..") and len(os.fsencode(segment)) <= _LONGEST_NAME for segment in segments)
        and len(path) <= _LONGEST_PATH
        and "\\" not in path
        and not (os.name == "nt" and ":" in path)
    )
    if not harmless:
        raise UnsafePackage(f"{of} has a file named {path[:200]!r}, and no file may have such a name")
    return path


def receive(
    source: Readable,
    target: Path,
    file: ArtifactFile,
    *,
    start: int = 0,
    block: int = _BLOCK,
    advance: Advance = lambda done: None,
) -> None:
    """Append what comes from ``source``, ``block`` bytes at a time, to the first ``start`` bytes of ``target``.

    Raises:
        Interrupted: the source broke off.
        StoreFailure: more comes than the store told.
    """
    handle = os.open(target, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "r+b") as part:
        part.truncate(start)
        done = part.seek(start)
        advance(done)
        while content := _read(source, block, file):
            done += len(content)
            if file.file_size is not None and done > file.file_size:
                raise StoreFailure(
                    f"the store sends more of {file.path!r} than the {file.file_size} bytes that it told"
                )
            part.write(content)
            advance(done)
    if file.file_size is not None and done < file.file_size:
        raise Interrupted(f"{file.path!r} broke off after {done} of {file.file_size} bytes")


def _read(source: Readable, block: int, file: ArtifactFile) -> bytes:
    from http.client import HTTPException  # what is on this machine is used without all that comes with it

    try:
        return source.read(block)
    except (OSError, HTTPException) as error:  # of the network: the target is written elsewhere
        raise Interrupted(f"{file.path!r} broke off ({error})") from error


def held(target: Path, file: ArtifactFile) -> int:
    """How many bytes of a file an attempt before left that can be built upon: the store must be able to tell."""
    try:
        size = target.stat().st_size
    except FileNotFoundError:
        return 0
    return size if file.mark and file.file_size is not None and size <= file.file_size else 0
