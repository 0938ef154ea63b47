"""A function mapped by forked processes."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlpack.errors import PredictionFailed, SchemaMismatch
from mlpack.workers import mapped

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks of Linux")

#: Maps with two workers, whose ids it prints, until it is killed.
ENDLESS = """
import itertools, os, time
from mlpack.workers import mapped

def work(item):
    if item > 1:
        time.sleep(60)
    return os.getpid()

for pid in mapped(work, itertools.count(), 2, shared=True):
    print(pid, flush=True)
"""


def slow_at_first(item: int) -> tuple[int, int]:
    time.sleep(0.3 if item == 0 else 0)
    return item, os.getpid()


def test_results_keep_the_order_of_the_items() -> None:
    results = list(mapped(slow_at_first, range(50), 3, shared=True))
    assert [item for item, _ in results] == list(range(50))
    assert len({pid for _, pid in results} - {os.getpid()}) == 3


@pytest.mark.parametrize(("items", "workers"), [(range(0), 2), (range(1), 2), (range(3), 1)])
def test_a_single_item_needs_no_process(items: range, workers: int) -> None:
    results = list(mapped(slow_at_first, items, workers, shared=True))
    assert results == [(item, os.getpid()) for item in items]


def test_no_more_processes_are_started_than_there_are_items() -> None:
    assert len({pid for _, pid in mapped(slow_at_first, range(2), 30, shared=True)}) == 2


def test_a_function_that_is_not_shared_is_pickled() -> None:
    assert list(mapped(abs, range(-5, 0), 2, shared=False)) == [5, 4, 3, 2, 1]


def test_few_items_are_read_ahead() -> None:
    read = []

    def items() -> Iterator[int]:
        for item in range(1000):
            read.append(item)
            yield item

    results = mapped(slow_at_first, items(), 2, shared=True)
    next(results)
    assert len(read) <= 4
    results.close()


def test_what_is_raised_is_raised_in_its_turn() -> None:
    def work(item: int) -> int:
        if item == 3:
            raise SchemaMismatch("a", expected="long", got="text", row=item)
        return item

    results = mapped(work, range(100), 2, shared=True)
    assert list(itertools.islice(results, 3)) == [0, 1, 2]
    with pytest.raises(SchemaMismatch, match="'a' expects long, got text in row 3") as caught:
        next(results)
    assert caught.value.row == 3
    assert "in work" in str(caught.value.__cause__)


def test_items_that_cannot_be_read_are_told_after_those_before() -> None:
    results = mapped(slow_at_first, map(int, ["0", "1", "x"]), 2, shared=True)
    assert [item for item, _ in itertools.islice(results, 2)] == [0, 1]
    with pytest.raises(ValueError, match="invalid literal"):
        next(results)


def test_a_worker_that_dies_is_an_error_that_names_its_item() -> None:
    def work(item: int) -> int:
        if item == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    with pytest.raises(PredictionFailed, match=r"ended \(SIGKILL\) while it predicted 5"):
        list(mapped(work, range(100), 2, shared=True))


def test_errors_that_cannot_be_pickled_still_say_what_they_say() -> None:
    class Odd(Exception):
        pass

    def work(item: int) -> int:
        raise Odd("of no module")

    with pytest.raises(RuntimeError, match="Odd: of no module"):
        list(mapped(work, range(2), 2, shared=True))


def test_threads_are_shared_among_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np
    from threadpoolctl import threadpool_info

    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("mlpack.processors.usable", lambda: 4)
    monkeypatch.delenv("LOKY_MAX_CPU_COUNT", raising=False)
    found = next(mapped(lambda _: (np.ones(2) @ np.ones(2), threadpool_info()), range(2), 2, shared=True))[1]
    assert "openblas" in {each["internal_api"] for each in found} and all(each["num_threads"] <= 2 for each in found)
    assert "OMP_NUM_THREADS" not in os.environ


def test_closing_ends_the_processes() -> None:
    results = mapped(slow_at_first, itertools.count(), 2, shared=True)
    pids = {pid for _, pid in itertools.islice(results, 20)}
    results.close()
    assert pids and not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_the_processes_end_with_the_one_that_started_them() -> None:
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        pids = {int(process.stdout.readline()) for _ in range(2)}
        process.kill()
    assert process.pid not in pids
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return
        time.sleep(0.05)
    raise AssertionError(f"still there: {pids}")
