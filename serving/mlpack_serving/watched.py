"""Files that may change while the server runs: keys that are added or taken away, certificates that are renewed."""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from mlpack.errors import InvalidArgument, MlpackError

logger = logging.getLogger("mlpack_serving")

T = TypeVar("T")

#: How many seconds a change may go unnoticed.
LOOK_SECONDS = 1.0


class Watched(Generic[T]):
    """What ``read`` makes of ``files``, made anew when one of them changes.

    Each process looks for itself. A change that cannot be read is logged, and what was good before stays; when the
    server starts, what ``read`` raises ends it.
    """

    def __init__(self, files: Sequence[str], read: Callable[[], T]) -> None:
        self._files = files
        self._read = read
        self._seen = self._state()
        self._value = read()
        self._next_look = time.monotonic() + LOOK_SECONDS

    def get(self) -> T:
        """The value; it is at most :data:`LOOK_SECONDS` older than the files."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            state = self._state()
            if state != self._seen:
                self._seen = state
                self._refresh()
        return self._value

    def _refresh(self) -> None:
        names = ", ".join(self._files)
        try:
            self._value = self._read()
        except MlpackError as error:
            logger.error("what has changed in %s is not used: %s", names, error)
        else:
            logger.info("%s has changed and is used as it is now", names)

    def _state(self) -> list[tuple[int, ...] | None]:
        return [_state_of(each) for each in self._files]


def _state_of(file: str) -> tuple[int, ...] | None:
    """What tells one version of a file from another, also behind a link that is switched; None where there is none."""
    try:
        found = os.stat(file)  # noqa: PTH116  a Path would be made each second
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev


def read_text(file: str, option: str) -> str:
    """The text of a file that an option names; raises InvalidArgument, which tells the option."""
    try:
        return Path(file).read_text("utf-8")
    except OSError as error:
        raise InvalidArgument(f"{option}: {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidArgument(f"{option}: {file} is not text") from error


def warn_if_open(file: str, option: str) -> None:
    """Warn where everybody on this machine may read a file that is nobody's business."""
    if os.name == "posix" and Path(file).stat().st_mode & stat.S_IROTH:
        logger.warning("%s: everybody on this machine can read %s: chmod o-r", option, file)
