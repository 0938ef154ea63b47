"""Where predictions run: on the event loop if they are known to be quick, else in worker threads.

A hop to a thread costs as much as a small model's prediction, so work that takes far less than a millisecond is done
on the loop. Anything else would hold up every other connection there. At most ``threads`` predictions run at a time,
one on the loop counted, so a model that is not thread-safe is never called twice at once.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

from mlpack_serving.errors import DeadlineExceeded

T = TypeVar("T")
_Job = tuple[Callable[[], Any], "asyncio.Future[Any]", asyncio.AbstractEventLoop]

#: What may run on the loop: work that costs less than this, in seconds, for requests of at most this many bytes.
INLINE_SECONDS = 0.001
INLINE_BYTES = 16 * 2**10
# The cost is a moving average, in which one run has this weight, and counts for at most so many times the bound: a
# pause that the machine made is soon forgotten.
_WEIGHT = 1 / 16
_WORST = 8 * INLINE_SECONDS


class Runtime:
    """Runs work: ``threads`` at a time, each for at most ``timeout`` seconds, on the loop only if ``inline``."""

    def __init__(self, *, threads: int, timeout: float, inline: bool) -> None:
        self._timeout = timeout
        self._inline = inline
        self._cost = _WORST
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        #: For each thread, since when it has been at its job, or None where it waits for one.
        self._busy_since: list[float | None] = [None] * threads
        self._unfinished = 0
        self._started = False

    @property
    def healthy(self) -> bool:
        """False while every thread is held by work that has outlived its deadline."""
        oldest = time.monotonic() - self._timeout
        return any(since is None or since > oldest for since in self._busy_since)

    def measure(self, work: Callable[[], object]) -> None:
        """Run ``work`` a few times, here and now, to learn what a small request costs."""
        for _ in range(3):  # what is made on first use does not count
            started = time.perf_counter()
            work()
            self._cost = time.perf_counter() - started

    async def run(self, work: Callable[[], T], size: float = float("inf")) -> T:
        """What ``work`` returns; ``size`` is the request's in bytes, without which it never runs on the loop.

        Raises:
            DeadlineExceeded: it waited and ran for longer than it may. What had not started by then never will.
        """
        if not self._inline or size > INLINE_BYTES:
            return await self._in_thread(work)
        if self._cost < INLINE_SECONDS and self._unfinished < len(self._busy_since):
            return self._timed(work)
        return await self._in_thread(lambda: self._timed(work))

    def _timed(self, work: Callable[[], T]) -> T:
        started = time.perf_counter()
        try:
            return work()
        finally:
            seconds = min(time.perf_counter() - started, _WORST)
            self._cost += _WEIGHT * (seconds - self._cost)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._started:  # as late as this because threads do not survive a fork
            self._started = True
            for at in range(len(self._busy_since)):
                threading.Thread(target=self._work, args=(at,), name=f"predict-{at}", daemon=True).start()
        self._unfinished += 1
        self._jobs.put((work, future, loop))
        deadline = loop.call_later(self._timeout, self._expire, future)
        try:
            return await future
        finally:
            deadline.cancel()

    def _expire(self, future: asyncio.Future[Any]) -> None:
        if not future.done():
            future.set_exception(DeadlineExceeded(f"no prediction within {self._timeout:g} seconds"))

    def _work(self, at: int) -> None:
        """The life of a thread. It is a daemon, so that one that hangs does not keep the process from ending."""
        while True:
            work, future, loop = self._jobs.get()
            result, failure = None, None
            if not future.done():
                self._busy_since[at] = time.monotonic()
                try:
                    result = work()
                except BaseException as error:  # noqa: BLE001  whatever it is belongs to the one who waits
                    failure = error
                self._busy_since[at] = None
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._deliver, future, result, failure)
            del work, future, result, failure  # hold no request while waiting for the next

    def _deliver(self, future: asyncio.Future[Any], result: Any, failure: BaseException | None) -> None:
        self._unfinished -= 1
        if future.done():
            return
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)
