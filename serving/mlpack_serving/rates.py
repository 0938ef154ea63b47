"""How many requests a second each caller may send, counted together by all workers."""

from __future__ import annotations

import mmap
import time
from hashlib import blake2b

from mlpack_serving.errors import RateLimited

_SLOTS, _TRIES = 2**16, 16


class RateLimit:
    """A bucket of tokens for each caller: ``rate`` of them come back in a second, and it holds as many, at least one.

    A bucket is one number, the time at which it will be full again (the generic cell rate algorithm, ITU-T I.371). It
    lies in memory that forked workers share, found by a hash of the caller; nothing is locked, since a worker may be
    killed at any time: of two that decide in the same microsecond, both may let a request pass.
    """

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._depth = max(1.0, self._interval)  # seconds that fill an empty bucket
        self._marks = memoryview(mmap.mmap(-1, _SLOTS * 8)).cast("Q")
        self._full_at = memoryview(mmap.mmap(-1, _SLOTS * 8)).cast("d")

    def take(self, mark: int) -> None:
        """Take a token from the bucket of a caller.

        Raises:
            RateLimited: it is empty; the error says for how long.
        """
        now = time.monotonic()  # one clock for all processes of a machine
        slot = self._slot(mark, now)
        full_at = max(self._full_at[slot], now) + self._interval
        missing = full_at - now - self._depth
        if missing > 1e-9:  # which is what floats lose
            raise RateLimited(1 / self._interval, missing)
        self._full_at[slot] = full_at

    def _slot(self, mark: int, now: float) -> int:
        """Where the bucket of a caller is; if there is none, in place of one that is full, since that is as good as
        new, or else of the one that is full next."""
        marks, full_at = self._marks, self._full_at
        if marks[mark % _SLOTS] == mark:
            return mark % _SLOTS
        slots = [(mark + each) % _SLOTS for each in range(_TRIES)]
        for slot in slots:
            if marks[slot] == mark:
                return slot
        slot = next((each for each in slots if full_at[each] <= now), min(slots, key=full_at.__getitem__))
        marks[slot], full_at[slot] = mark, now
        return slot


def mark_of(caller: str) -> int:
    """What a caller is known by in the shared memory: 64 bits, never 0."""
    return int.from_bytes(blake2b(caller.encode(), digest_size=8).digest(), "big") or 1
