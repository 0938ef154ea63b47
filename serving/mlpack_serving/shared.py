"""What the supervisor and its workers tell each other: memory that both see, made before the fork.

One side writes each value and the other reads it. Times are those of ``time.monotonic``, which all processes of a
machine share.
"""

from __future__ import annotations

import ctypes
import mmap
import time

_TEXT_BYTES = 1024


class Pulse(ctypes.Structure):
    """How one worker fares. Zero: not yet, or not now."""

    _fields_ = tuple((name, ctypes.c_double) for name in ("born", "beat", "busy_until", "leaving", "closed"))
    #: When it began to answer.
    born: float
    #: When its event loop turned last.
    beat: float
    #: Until when a prediction that runs may take; one that holds the interpreter holds up the loop as well.
    busy_until: float
    #: When it began to leave, be it told to or because it is of no more use.
    leaving: float
    #: When it stopped accepting.
    closed: float

    @classmethod
    def shared(cls) -> Pulse:
        """One that stays the same across a fork."""
        return cls.from_buffer(mmap.mmap(-1, ctypes.sizeof(cls)))

    def turn(self) -> None:
        """Note that the event loop turns."""
        self.beat = time.monotonic()
        self.born = self.born or self.beat

    def last_sign(self) -> float:
        """Until when all was well."""
        return max(self.beat, self.busy_until)


class Notice:
    """A text that one process writes and all read; empty where there is nothing to say."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _TEXT_BYTES)

    def write(self, text: str) -> None:
        """Say this from now on."""
        data = text.encode()[: _TEXT_BYTES - 1]
        self._memory[: len(data) + 1] = data + b"\0"

    def read(self) -> str:
        """What is said now."""
        return self._memory[:].partition(b"\0")[0].decode(errors="replace")
