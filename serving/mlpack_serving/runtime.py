"""Where predictions run that may take long: worker threads, each piece of work with a deadline.

At most ``threads`` predictions run at a time, so a model that is not thread-safe is never called twice at once.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from mlpack_serving.errors import DeadlineExceeded, PredictionHangs
from mlpack_serving.metrics import Metrics

if TYPE_CHECKING:
    from mlpack_serving.shared import Pulse

T = TypeVar("T")

#: After how long a thread that predicts gets its turn beside the event loop, and the other way round: Python's own 5 ms
#: are longer than most predictions, and halved what a server did that had to refuse thousands.
_TURN_SECONDS = 0.0005


@dataclass(slots=True, eq=False)
class _Job:
    """``work``, done unless nobody is ``waiting`` any more, and who gets its result or what it raised."""

    work: Callable[[], Any]
    waiting: Callable[[], bool]
    done: Callable[[Any, BaseException | None], None]
    deadline: asyncio.TimerHandle | None = None


class Runtime:
    """Runs work, ``threads`` at a time, each for at most ``timeout`` seconds from its start.

    Work that outlives its deadline goes on, since a thread cannot be stopped, and holds its thread: what waits goes on
    waiting. Where all threads are held in this way, ``on_stuck`` is called; where they still are when as much time has
    passed again, what waits is given up.
    """

    def __init__(self, *, threads: int, timeout: float, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self.threads = threads
        self.timeout = timeout
        #: Where a supervisor sees until when a prediction may take.
        self.pulse: Pulse | None = None
        self.on_stuck: Callable[[], None] = lambda: None
        self._pending: deque[_Job] = deque()
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._running = 0
        self._late: set[_Job] = set()
        self._hangs = False
        self._started = False

    @property
    def healthy(self) -> bool:
        """False while every thread is held by work that has outlived its deadline."""
        return len(self._late) < self.threads

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
            DeadlineExceeded: it ran for longer than it may.
            PredictionHangs: it never started, and never will.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job = self.start(work, lambda: not future.done(), partial(settle, future))
        try:
            return await future
        finally:
            with suppress(ValueError):  # it has been started, as a rule
                self._pending.remove(job)

    def start(
        self, work: Callable[[], T], waiting: Callable[[], bool], done: Callable[[T, BaseException | None], None]
    ) -> _Job:
        """Have ``work`` done when a thread is free, if somebody is still ``waiting`` then; ``done`` gets what it
        returned or raised, once, in the event loop: at its deadline that it is too late."""
        self._loop = asyncio.get_running_loop()
        if not self._started:  # as late as this because threads do not survive a fork
            self._started = True
            sys.setswitchinterval(_TURN_SECONDS)
            for at in range(self.threads):
                threading.Thread(target=self._work, name=f"predict-{at}", daemon=True).start()
        job = _Job(work, waiting, done)
        self._pending.append(job)
        self._begin()
        return job

    def _begin(self) -> None:
        """Give free threads what waits."""
        while self._pending and (self._hangs or self.free):
            job = self._pending.popleft()
            if self._hangs or not job.waiting():
                job.done(None, PredictionHangs())
                continue
            self._running += 1
            job.deadline = self._loop.call_later(self.timeout, self._expire, job)
            if self.pulse is not None:
                self.pulse.busy_until = time.monotonic() + self.timeout
            self._jobs.put(job)
        self._metrics.jobs(len(self._pending))

    def _work(self) -> None:
        """The life of a thread. It is a daemon, so that one that hangs does not keep the process from ending."""
        while True:
            job = self._jobs.get()
            result, failure = None, None
            try:
                result = job.work()
            except BaseException as error:  # noqa: BLE001  whatever it is belongs to the one who waits
                failure = error
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._finish, job, result, failure)
            del job, result, failure  # hold no request while waiting for the next

    def _finish(self, job: _Job, result: Any, failure: BaseException | None) -> None:
        self._running -= 1
        self._hangs = False
        if self.pulse is not None and not self._running:
            self.pulse.busy_until = 0
        if job in self._late:
            self._late.discard(job)
        else:
            job.deadline.cancel()  # type: ignore[union-attr]  # a job that runs has one
            job.done(result, failure)
        self._begin()

    def _expire(self, job: _Job) -> None:
        self._late.add(job)
        job.done(None, DeadlineExceeded(f"no prediction within {self.timeout:g} seconds"))
        if not self.healthy:
            self._loop.call_later(self.timeout, self._give_up, job)
            self.on_stuck()

    def _give_up(self, job: _Job) -> None:
        if job in self._late and not self.healthy:
            self._hangs = True
            self._begin()


def settle(future: asyncio.Future[Any], result: Any, failure: BaseException | None) -> None:
    """Give a future its result or what failed, unless nobody waits for it any more."""
    if future.done():
        return
    if failure is None:
        future.set_result(result)
    else:
        future.set_exception(failure)
