"""Where work runs, how long it may, and that one model is never asked twice at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from mlpack_serving.errors import DeadlineExceeded
from mlpack_serving.runtime import Runtime


def test_a_model_that_allows_it_runs_in_as_many_threads_as_it_may() -> None:
    async def meet(threads: int) -> None:
        runtime, barrier = Runtime(threads=threads, timeout=0.5), threading.Barrier(2)
        await asyncio.gather(*(runtime.run(lambda: barrier.wait(0.4)) for _ in range(2)))

    asyncio.run(meet(2))
    with pytest.raises(threading.BrokenBarrierError):
        asyncio.run(meet(1))


def test_what_misses_its_deadline_is_given_up_and_never_starts() -> None:
    ran: list[str] = []

    def work(name: str, seconds: float) -> Callable[[], None]:
        def run() -> None:
            ran.append(name)
            time.sleep(seconds)

        return run

    async def crowd() -> list[object]:
        runtime = Runtime(threads=1, timeout=0.1)
        results = await asyncio.gather(*(runtime.run(work(name, 0.25)) for name in "ab"), return_exceptions=True)
        assert not runtime.healthy
        await asyncio.sleep(0.3)
        assert runtime.healthy
        return [*results, await runtime.run(work("c", 0))]

    first, second, third = asyncio.run(crowd())
    assert isinstance(first, DeadlineExceeded)
    assert isinstance(second, DeadlineExceeded)
    assert third is None
    assert ran == ["a", "c"]


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
