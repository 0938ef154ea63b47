"""What a server counts, in memory that all its processes share, and its text for Prometheus.

A block of numbers for each worker lies in anonymous memory that is mapped before the first fork. Only its worker writes
to it, so counting needs no lock; any worker adds them all up. The block of a worker that died is taken on by another,
with its counts, which therefore never go down.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import cast

import numpy as np
import numpy.typing as npt

from mlpack_serving.exchange import Exchange, Run

Histogram = npt.NDArray[np.float64]

#: Upper bounds of buckets: seconds, and rows.
SECONDS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
ROWS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0, 16384.0, 65536.0)
#: Statuses that are told apart; 499 is for a client that left before its answer, as nginx has it.
CODES = (
    *(200, 400, 401, 403, 404, 405, 406, 408, 409, 411, 413, 415, 422, 429, 431, 499),
    *(500, 501, 502, 503, 504, 202, 204),
)
_CODE_AT = {code: at for at, code in enumerate(CODES)}
_OTHER = len(CODES)
#: Routes have numbers below this; 0 is for requests to none of them.
MOST_ROUTES = 24

# A histogram is its buckets, one above all bounds, and the sum of what was observed.
_TIMES, _SIZES = len(SECONDS) + 2, len(ROWS) + 2
_ROUTE = (len(CODES) + 1) * _TIMES
_WAITS = MOST_ROUTES * _ROUTE
_PREDICTIONS = _WAITS + _TIMES
_BATCHES = _PREDICTIONS + _TIMES
_BEGUN, _QUEUED, _JOBS, _RESTARTS, _RELOADS, _REFUSALS, _USED = range(_BATCHES + _SIZES, _BATCHES + _SIZES + 7)
_BLOCK = _USED + 1
#: Blocks for each worker: those of a reload live beside those that still answer.
_GENERATIONS = 16


class Metrics:
    """The counters of a server with so many ``workers``; made before the first fork."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        blocks = 1 + workers * _GENERATIONS
        self._memory = memoryview(mmap.mmap(-1, blocks * _BLOCK * 8)).cast("d")
        self._free = list(range(blocks - 1, 0, -1))
        self._shared = self._block(0)
        self.attach(0)

    # --- in the process that supervises

    def take(self) -> int:
        """A block for a new worker; 0, the supervisor's own, where all are taken."""
        block = self._free.pop() if self._free else 0
        self._shared[_USED] = max(self._shared[_USED], block)
        return block

    def release(self, block: int) -> None:
        """The worker of a block has ended: what it held is no longer on its way, what it counted stays."""
        if block:
            slots = self._block(block)
            slots[_QUEUED] = slots[_JOBS] = 0.0
            slots[_BEGUN] = _answered(np.array(slots)).sum()
            self._free.append(block)

    # --- in a worker, in the thread of its event loop; and in the supervisor

    def attach(self, block: int) -> None:
        """Count in this block from now on."""
        self._slots = self._block(block)

    def begin(self) -> None:
        """A request has come."""
        self._slots[_BEGUN] += 1

    def finish(self, exchange: Exchange, code: int) -> float:
        """It was answered; returns the seconds that it took."""
        slots = self._slots
        seconds = perf_counter() - exchange.began
        at = exchange.route * _ROUTE + _CODE_AT.get(code, _OTHER) * _TIMES
        slots[at + bisect_left(SECONDS, seconds)] += 1
        slots[at + _TIMES - 1] += seconds
        return seconds

    def ran(self, run: Run, requests: Sequence[Exchange]) -> None:
        """The model was called for these requests, in the order in which they were queued; they get to know."""
        slots = self._slots
        seconds = run.predicted - run.read
        slots[_PREDICTIONS + bisect_left(SECONDS, seconds)] += 1
        slots[_PREDICTIONS + _TIMES - 1] += seconds
        slots[_BATCHES + bisect_left(ROWS, run.rows)] += 1
        slots[_BATCHES + _SIZES - 1] += run.rows
        waits = []
        for each in requests:
            each.run = run
            waits.append(run.began - each.queued)
        slots[_WAITS + _TIMES - 1] += sum(waits)
        longest, shortest = bisect_left(SECONDS, waits[0]), bisect_left(SECONDS, waits[-1])
        if longest == shortest:  # as it is in nearly all batches, which are told at once
            slots[_WAITS + longest] += len(waits)
            return
        for wait in waits:
            slots[_WAITS + bisect_left(SECONDS, wait)] += 1

    def replaced(self) -> None:
        """A worker has ended, or is of no more use, without being told to end."""
        self._slots[_RESTARTS] += 1

    def reloaded(self, *, refused: bool) -> None:
        """Another version of the model is served, or was found not to be good."""
        self._slots[_REFUSALS if refused else _RELOADS] += 1

    def queue(self, requests: int) -> None:
        """So many requests wait to be predicted together with others."""
        self._slots[_QUEUED] = requests

    def jobs(self, jobs: int) -> None:
        """So many pieces of work wait for a thread."""
        self._slots[_JOBS] = jobs

    # --- in any of them

    def read(self) -> Reading:
        """All counts as they are now, of all workers together."""
        used = int(self._shared[_USED]) + 1
        total = np.array(self._memory[: used * _BLOCK]).reshape(used, _BLOCK).sum(axis=0)
        times = total[:_WAITS].reshape(MOST_ROUTES, len(CODES) + 1, _TIMES)
        return Reading(
            requests={(int(route), int(code)): times[route, code] for route, code in np.argwhere(_answered(total))},
            waits=total[_WAITS:_PREDICTIONS],
            predictions=total[_PREDICTIONS:_BATCHES],
            batches=total[_BATCHES:_BEGUN],
            in_flight=max(0.0, total[_BEGUN] - _answered(total).sum()),
            queued=total[_QUEUED] + total[_JOBS],
            restarts=total[_RESTARTS],
            reloads=total[_RELOADS],
            refusals=total[_REFUSALS],
        )

    def _block(self, block: int) -> MutableSequence[float]:
        return cast(MutableSequence[float], self._memory[block * _BLOCK : (block + 1) * _BLOCK])


@dataclass(frozen=True)
class Reading:
    """Counts of a whole server. A histogram is its buckets, not added up, and behind them the sum of all it was told.

    ``requests`` has one for each route and status, both as places in their tables.
    """

    requests: Mapping[tuple[int, int], Histogram]
    waits: Histogram
    predictions: Histogram
    batches: Histogram
    in_flight: float
    queued: float
    restarts: float
    reloads: float
    refusals: float


def _answered(slots: Histogram) -> Histogram:
    """How many requests were answered, by route and status."""
    times = slots[:_WAITS].reshape(MOST_ROUTES, len(CODES) + 1, _TIMES)
    counts: Histogram = times[:, :, :-1].sum(axis=2)
    return counts
