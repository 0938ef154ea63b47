"""Where work runs, how long it may, and that one model is never asked twice at once."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from mlpack_serving.errors import DeadlineExceeded, PredictionHangs
from mlpack_serving.runtime import Runtime


def test_a_model_that_allows_it_runs_in_as_many_threads_as_it_may() -> None:
    async def meet(threads: int) -> None:
        runtime, barrier = Runtime(threads=threads, timeout=0.5), threading.Barrier(2)
        await asyncio.gather(*(runtime.run(lambda: barrier.wait(0.4)) for _ in range(2)))

    asyncio.run(meet(2))
    with pytest.raises(threading.BrokenBarrierError):
        asyncio.run(meet(1))


def test_what_misses_its_deadline_is_given_up_and_what_waits_for_it_is_not() -> None:
    async def crowd() -> list[object]:
        runtime = Runtime(threads=1, timeout=0.5)
        stuck = asyncio.Event()
        runtime.on_stuck = stuck.set
        release = threading.Event()
        works = (release.wait, lambda: "second")
        first, second = (asyncio.ensure_future(runtime.run(work)) for work in works)
        await stuck.wait()
        assert first.done() and not second.done() and not runtime.healthy
        release.set()
        results = await asyncio.gather(first, second, return_exceptions=True)
        assert runtime.healthy
        return results

    first, second = asyncio.run(crowd())
    assert isinstance(first, DeadlineExceeded)
    assert second == "second"


def test_nothing_waits_for_ever_for_a_prediction_that_hangs() -> None:
    async def crowd() -> list[object]:
        runtime = Runtime(threads=1, timeout=0.1)
        release = threading.Event()
        ran: list[str] = []
        hanging, waiting = runtime.run(release.wait), runtime.run(lambda: ran.append("second"))
        results = await asyncio.gather(hanging, waiting, return_exceptions=True)
        with pytest.raises(PredictionHangs):
            await runtime.run(lambda: ran.append("third"))
        release.set()
        while not runtime.free:
            await asyncio.sleep(0.01)
        await runtime.run(lambda: ran.append("fourth"))
        return [*results, *ran]

    first, second, *ran = asyncio.run(crowd())
    assert isinstance(first, DeadlineExceeded)
    assert isinstance(second, PredictionHangs)
    assert ran == ["fourth"]


def test_the_loop_stays_free_while_a_thread_works() -> None:
    async def count() -> int:
        runtime, turns = Runtime(threads=1, timeout=10), 0
        work = asyncio.ensure_future(runtime.run(lambda: time.sleep(0.1)))
        while not work.done():
            await asyncio.sleep(0.005)
            turns += 1
        return turns

    assert asyncio.run(count()) > 5


def test_what_work_raises_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(Runtime(threads=1, timeout=1).run(lambda: 1 / 0))
