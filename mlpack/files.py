"""Files written whole or not at all, folders walked without following links, and what a whole package holds."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from mlpack.errors import TargetNotEmpty

try:
    import fcntl
except ImportError:  # Windows has no flock; what a crashed save left there stays until somebody removes it
    fcntl = None  # type: ignore[assignment]

#: The manifest of a package: a folder that has one is whole.
MLMODEL = "MLmodel"
_SUFFIX = ".mlpack-part"


def walk(folder: Path) -> Iterator[Path]:
    """Every entry below ``folder`` in a fixed order; links are yielded and never followed."""
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from walk(path)


def write_atomically(path: Path, content: bytes | str, *, part_in: Path | None = None) -> None:
    """Write a file so that a crash at any instant leaves either what was there before or the whole new content."""
    with whole_file(path, part_in=part_in) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextlib.contextmanager
def whole_file(target: Path, *, part_in: Path | None = None) -> Iterator[BinaryIO]:
    """A hidden sibling of ``target`` to write, which becomes ``target`` when the block ends well, else vanishes.

    Where every file of a folder means something to somebody, the hidden one is made in the folder ``part_in``, which
    must be on the same file system.
    """
    handle, name = tempfile.mkstemp(dir=part_in or target.parent, prefix=f".{target.name}.", suffix=_SUFFIX)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        give_usual_permissions(part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(target.parent)


def check_target(path: str | PathLike[str]) -> Path:
    """The absolute path of a folder to write; raises TargetNotEmpty where something is there already."""
    target = Path(path).absolute()
    if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        raise TargetNotEmpty(target)
    return target


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A hidden sibling of ``target`` to fill, which becomes ``target`` when the block ends well and vanishes when not.

    ``target`` must not exist or be empty. What earlier writers left behind when they were killed is removed; the lock
    that each holds while it lives tells the two apart.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(target)
    part = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=_SUFFIX))
    held = None
    try:
        held = lock(part)
        yield part
        for path in walk(part):
            sync(path)
        give_usual_permissions(part)
        sync(part)
        if target.exists():  # an empty folder: replacing it is no atomic step on every system, removing it first is
            target.rmdir()
        part.rename(target)
        sync(target.parent)
    finally:
        if held is not None:
            os.close(held)
        shutil.rmtree(part, ignore_errors=True)


def sync(path: Path) -> None:
    """Have the system write a file or a folder to disk; a folder cannot be opened for that on Windows."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def give_usual_permissions(path: Path) -> None:
    """Make a file or folder that was private until it was whole as open to others as new ones are here."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)


def lock(folder: Path) -> int | None:
    """Hold a lock on a folder while the returned descriptor is open; None where it is held, or locks do not exist."""
    if fcntl is None:
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _remove_abandoned(target: Path) -> None:
    for part in target.parent.glob(f".{_literal(target.name)}.*{_SUFFIX}"):
        with contextlib.suppress(OSError):
            held = lock(part) if part.is_dir() else None
            if held is not None:
                shutil.rmtree(part, ignore_errors=True)
                os.close(held)


def _literal(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)
