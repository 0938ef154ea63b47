"""Requests that wait, predicted together; without a timer, so that none waits for others to come.

While a prediction runs, requests queue; when it ends, all that wait and may be joined go together. A server without
load adds nothing to a request, and batches grow by themselves with the load. What is known to be quick is done on the
event loop, since a hop to a thread costs as much as a small model; anything else would hold up every other connection
there, and is done in a worker thread.

Only so many requests may wait: who comes then is told to come again before the body is parsed, and who went away waits
no more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import orjson

from mlpack.payloads import Payload
from mlpack.payloads.joining import count_rows, likeness
from mlpack_serving.costs import Costs
from mlpack_serving.errors import ClientGone, Overloaded
from mlpack_serving.exchange import Exchange, Run
from mlpack_serving.metrics import Metrics
from mlpack_serving.runtime import Runtime, settle

#: What may run on the loop: what costs less than this, in seconds. A hop to a thread and back costs a tenth
#: of it, and more where the thread holds the interpreter meanwhile.
INLINE_SECONDS = 0.001
# How often the example is predicted, alone and so many times together, as a busy server's requests are.
_WARM_UP, _MANY = 5, 64

Answers = list["bytes | BaseException"]


@dataclass(slots=True, eq=False)
class Waiting:
    """A request that waits for its prediction; ``deliver`` is called once, with its answer or what went wrong."""

    payload: Payload
    exchange: Exchange
    deliver: Callable[[bytes | BaseException], None]
    likeness: Hashable | None
    rows: int
    done: bool = False

    def settle(self, answer: bytes | BaseException) -> None:
        """Deliver, unless that was done."""
        if not self.done:
            self.done = True
            self.deliver(answer)


class Batcher:
    """Has requests answered by ``answer``, up to ``most_rows`` rows together, by ``runtime``, or on the loop where that
    is quick and allowed (``inline``)."""

    def __init__(
        self,
        answer: Callable[[Sequence[Payload], Run], Answers],
        runtime: Runtime,
        *,
        most_rows: int,
        most_waiting: int,
        inline: bool,
        metrics: Metrics | None = None,
    ) -> None:
        self._answer = answer
        self._runtime = runtime
        self._metrics = metrics or Metrics()
        self._most_rows = most_rows
        self._most_waiting = most_waiting
        self._inline = inline
        self._costs = Costs()
        self._queue: deque[Waiting] = deque()
        self._scheduled = False
        self._started = 0  # batches that the runtime has, and has not finished

    def measure(self, payload: Payload) -> None:
        """Answer an example alone and many times together, here and now, to learn what it costs."""
        rows = count_rows(payload.data)
        for count in (1, min(_MANY, self._most_rows // rows) or 1):
            for _ in range(_WARM_UP):
                answers = self._timed([payload] * count, Run(count * rows))
                if isinstance(answers[0], BaseException):
                    raise answers[0]
            if likeness(payload.data) is None or self._costs.of(count * rows) > INLINE_SECONDS:
                break

    def check_room(self) -> None:
        """Raise Overloaded if as many requests wait as may, for the runtime or for their batch."""
        if len(self._queue) + self._runtime.waiting >= self._most_waiting:
            what = f"{self._most_waiting} requests wait"
            raise Overloaded(what, option="--max-queue", retry_after=self._seconds_to_next())

    def _seconds_to_next(self) -> float:
        """When the next batch should be done that has not begun, and has left room; infinity where nobody knows."""
        if not self._queue:
            return float("inf")
        rows = self._queue[0].rows
        return self._costs.of(max(rows, min(self._most_rows, rows * len(self._queue))))

    async def answer(self, payload: Payload, exchange: Exchange) -> bytes:
        """The answer to a request; raises what went wrong, DeadlineExceeded if it takes the runtime too long."""
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        waiting = self.submit(payload, exchange, partial(_resolve, future))
        try:
            return await future
        finally:
            self.give_up(waiting)

    def submit(self, payload: Payload, exchange: Exchange, deliver: Callable[[bytes | BaseException], None]) -> Waiting:
        """The same for who does not wait: ``deliver`` is called in the loop, with the answer or what went wrong."""
        exchange.queued = perf_counter()
        exchange.rows = count_rows(payload.data)
        waiting = Waiting(payload, exchange, deliver, _likeness(payload), exchange.rows)
        self._queue.append(waiting)
        if self._started < self._runtime.threads:
            self._schedule()
        else:
            self._metrics.queue(len(self._queue))
        return waiting

    def give_up(self, waiting: Waiting) -> None:
        """Nobody waits for this answer any more, if it has not come yet: it is not predicted unless that has begun."""
        if not waiting.done:
            with suppress(ValueError):  # it may be in a batch already
                self._queue.remove(waiting)
                self._metrics.queue(len(self._queue))
            waiting.settle(ClientGone())

    def _schedule(self) -> None:
        """See to the queue when everything that has come by now has been read."""
        if self._queue and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._serve)

    def _serve(self) -> None:
        self._scheduled = False
        if self._started >= self._runtime.threads:
            return
        batch = self._take()
        self._metrics.queue(len(self._queue))
        payloads, run = [each.payload for each in batch], Run(sum(each.rows for each in batch))
        if self._inline and self._runtime.free and self._costs.of(run.rows) < INLINE_SECONDS:
            self._deliver(batch, run, self._timed(payloads, run))
        else:
            self._started += 1
            work, finish = partial(self._timed, payloads, run), partial(self._finish, batch, run)
            self._runtime.start(work, lambda: not all(each.done for each in batch), finish)
        self._schedule()  # the rest in the next turn, after what else there is to do

    def _finish(self, batch: list[Waiting], run: Run, answers: Answers | None, failure: BaseException | None) -> None:
        self._started -= 1
        self._deliver(batch, run, [failure] * len(batch) if failure else answers or [])
        self._schedule()

    def _deliver(self, batch: list[Waiting], run: Run, answers: Answers) -> None:
        if run.ended:  # it was not given up before its turn
            self._metrics.ran(run, [each.exchange for each in batch])
        for each, answer in zip(batch, answers, strict=True):
            each.settle(answer)

    def _take(self) -> list[Waiting]:
        """The first that waits, and what waits and may be joined with it."""
        queue = self._queue
        batch, rest = [queue.popleft()], []
        rows, alike = batch[0].rows, batch[0].likeness
        while queue and alike is not None and rows < self._most_rows:
            each = queue.popleft()
            if (each.likeness is alike or each.likeness == alike) and rows + each.rows <= self._most_rows:
                batch.append(each)
                rows += each.rows
            else:
                rest.append(each)
        queue.extendleft(reversed(rest))
        return batch

    def _timed(self, payloads: Sequence[Payload], run: Run) -> Answers:
        run.begin()
        answers = self._answer(payloads, run)
        run.end()
        self._costs.learn(run.rows, run.ended - run.began)
        return answers


def _resolve(future: asyncio.Future[bytes], answer: bytes | BaseException) -> None:
    settle(future, answer, answer if isinstance(answer, BaseException) else None)


def _likeness(payload: Payload) -> Hashable | None:
    """What requests that are predicted together have in common: the likeness of their inputs, and equal params."""
    alike = likeness(payload.data)
    if alike is None or not payload.params:
        return alike
    try:  # as text, in which 1, 1.0 and true differ
        return alike, orjson.dumps(payload.params, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return None
