"""Where predictions run that may take long: worker threads, each piece of work with a deadline.

At most ``threads`` predictions run at a time, so a model that is not thread-safe is never called twice at once.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from mlpack_serving.errors import DeadlineExceeded

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """``work``, done unless nobody is ``waiting`` any more, and who gets its result or what it raised."""

    work: Callable[[], Any]
    waiting: Callable[[], bool]
    done: Callable[[Any, BaseException | None], None]
    loop: asyncio.AbstractEventLoop


class Runtime:
    """Runs work, ``threads`` at a time, each for at most ``timeout`` seconds."""

    def __init__(self, *, threads: int, timeout: float) -> None:
        self.threads = threads
        self.timeout = timeout
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        #: For each thread, since when it has been at its job, or None where it waits for one.
        self._busy_since: list[float | None] = [None] * threads
        self._pending: deque[_Job] = deque()
        self._running = 0
        self._started = False

    @property
    def healthy(self) -> bool:
        """False while every thread is held by work that has outlived its deadline."""
        oldest = time.monotonic() - self.timeout
        return any(since is None or since > oldest for since in self._busy_since)

    @property
    def free(self) -> bool:
        """Whether work would start at once."""
        return self._running < self.threads

    @property
    def waiting(self) -> int:
        """How much work waits for a thread."""
        return len(self._pending)

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` returns.

        Raises:
            DeadlineExceeded: it waited and ran for longer than it may. What had not started by then never will.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        job = self.start(work, lambda: not future.done(), partial(settle, future))
        deadline = loop.call_later(self.timeout, settle, future, None, self.too_late())
        try:
            return await future
        finally:
            deadline.cancel()
            with suppress(ValueError):  # it has been started, as a rule
                self._pending.remove(job)

    def start(
        self, work: Callable[[], T], waiting: Callable[[], bool], done: Callable[[T, BaseException | None], None]
    ) -> _Job:
        """Have ``work`` done when a thread is free, if somebody is still ``waiting`` then; ``done`` gets what it
        returned or raised, in the event loop."""
        if not self._started:  # as late as this because threads do not survive a fork
            self._started = True
            for at in range(self.threads):
                threading.Thread(target=self._work, args=(at,), name=f"predict-{at}", daemon=True).start()
        job = _Job(work, waiting, done, asyncio.get_running_loop())
        self._pending.append(job)
        self._begin()
        return job

    def too_late(self) -> DeadlineExceeded:
        """What is said to who has waited for longer than the timeout."""
        return DeadlineExceeded(f"no prediction within {self.timeout:g} seconds")

    def _work(self, at: int) -> None:
        """The life of a thread. It is a daemon, so that one that hangs does not keep the process from ending."""
        while True:
            job = self._jobs.get()
            result, failure = None, None
            self._busy_since[at] = time.monotonic()
            try:
                result = job.work()
            except BaseException as error:  # noqa: BLE001  whatever it is belongs to the one who waits
                failure = error
            self._busy_since[at] = None
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                job.loop.call_soon_threadsafe(self._finish, job.done, result, failure)
            del job, result, failure  # hold no request while waiting for the next

    def _begin(self) -> None:
        """Give the threads that are free what waits for them, and is still waited for."""
        while self._pending and self.free:
            job = self._pending.popleft()
            if job.waiting():
                self._running += 1
                self._jobs.put(job)
            else:
                job.done(None, None)

    def _finish(self, done: Callable[[Any, Any], None], result: Any, failure: BaseException | None) -> None:
        self._running -= 1
        self._begin()
        done(result, failure)


def settle(future: asyncio.Future[Any], result: Any, failure: BaseException | None) -> None:
    """Give a future its result or what failed, unless nobody waits for it any more."""
    if future.done():
        return
    if failure is None:
        future.set_result(result)
    else:
        future.set_exception(failure)
