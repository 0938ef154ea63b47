"""Files as MLflow's file store has them: meta.yaml, one small file per param, tag and alias, lines of metrics.

What the system refuses becomes a StoreFailure that names the file. Files are written whole or not at all; their hidden
parts are made outside of the folders in which MLflow takes every file for a param, a tag or an alias.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlpack.entities import Metric
from mlpack.errors import InvalidPackage, StoreFailure
from mlpack.files import walk, write_atomically
from mlpack.yamlio import dump_yaml, load_yaml

try:
    import fcntl
except ImportError:  # Windows: what is made exclusively is still safe, what is read and then changed is not
    fcntl = None  # type: ignore[assignment]

META = "meta.yaml"
_TIPS = {
    errno.ENOSPC: "free some space; nothing was changed",
    errno.EDQUOT: "free some space; nothing was changed",
    errno.EROFS: "the store can only be read here",
    errno.EACCES: "the store can only be read with the rights of this process",
}


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """What the system refuses, as a StoreFailure that says on which file and why."""
    try:
        yield
    except OSError as error:
        tip = _TIPS.get(error.errno or 0, "")
        raise StoreFailure(f"{path}: {error.strerror or error}", tip=tip) from error


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes of ours from changing what is in a folder. A dead process holds no lock.

    Where folders cannot be locked (Windows, some network file systems) the block runs without.
    """
    if fcntl is None:
        yield
        return
    with told(folder):
        handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where it is not there."""
    with told(path):
        path.mkdir(parents=True, exist_ok=True)


def has_meta(folder: Path) -> bool:
    """Whether a folder holds a meta.yaml; raises StoreFailure where that cannot be seen."""
    with told(folder):
        return (folder / META).is_file()


def read_meta(folder: Path) -> dict[str, Any] | None:
    """What the meta.yaml of a folder says; None where there is none.

    MLflow writes some of them in place, so one that is empty or torn is looked at again before it counts as broken.
    """
    path = folder / META
    for wait in (0.01, 0.05, 0.2, None):
        if not has_meta(folder):
            return None
        try:
            meta = load_yaml(path)
        except InvalidPackage as error:
            if wait is None and has_meta(folder):
                raise StoreFailure(f"{path} cannot be read: {error}", tip="mend it, or remove its folder") from error
        else:
            if isinstance(meta, dict):
                return meta
        time.sleep(wait or 0)
    raise StoreFailure(f"{path} holds no map", tip="mend it, or remove its folder")


def write_meta(folder: Path, meta: Mapping[str, Any]) -> None:
    """Write the meta.yaml of a folder that is there."""
    with told(folder / META):
        write_atomically(folder / META, dump_yaml(dict(meta)))


def read_values(folder: Path) -> dict[str, str]:
    """Keys and values of a folder with a file for each; a key with slashes is a path. Empty if there is no folder."""
    if not folder.is_dir():
        return {}
    with told(folder):
        found = ((path, read_value(path)) for path in walk(folder) if path.is_file())
        return {path.relative_to(folder).as_posix(): value for path, value in found if value is not None}


def read_value(path: Path) -> str | None:
    """The text of a file; None where there is none."""
    try:
        with told(path):
            return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise StoreFailure(f"{path} is not UTF-8") from error
    except StoreFailure as failure:
        if isinstance(failure.__cause__, FileNotFoundError | NotADirectoryError):
            return None
        raise


def write_value(folder: Path, key: str, value: str) -> None:
    """Write the file of a key in ``folder``, which is made where it is not there."""
    path = folder / key
    make_folder(path.parent)
    with told(path):
        write_atomically(path, value, part_in=folder.parent)


def remove_value(folder: Path, key: str) -> bool:
    """Remove the file of a key; whether it was there."""
    with told(folder / key):
        try:
            (folder / key).unlink()
        except FileNotFoundError:
            return False
    return True


def append_metrics(path: Path, metrics: list[Metric]) -> None:
    """Add values to the file of a metric, in one write, so that lines of several processes never mix."""
    lines = "".join(f"{metric.timestamp} {float(metric.value)} {metric.step}\n" for metric in metrics).encode()
    make_folder(path.parent)
    with told(path):
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        try:
            written = os.write(handle, lines)
            if written != len(lines):
                _take_back(handle, written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(handle)


def read_metrics(path: Path, key: str) -> list[Metric]:
    """Every value in the file of a metric, in the order of logging; of old files, which have no steps, at step 0."""
    found = []
    for line in (read_value(path) or "").splitlines():
        fields = line.split(" ")
        try:
            step = int(fields[2]) if len(fields) > 2 else 0
            found.append(Metric(key, float(fields[1]), int(fields[0]), step))
        except (ValueError, IndexError) as error:
            raise StoreFailure(f"{path}: {line[:80]!r} is no line of a metric", tip="remove that line") from error
    return found


def _take_back(handle: int, written: int) -> None:
    """Cut off the torn line that a full disk left, unless somebody wrote after it."""
    end = os.lseek(handle, 0, os.SEEK_CUR)
    if os.fstat(handle).st_size == end:
        os.ftruncate(handle, end - written)
