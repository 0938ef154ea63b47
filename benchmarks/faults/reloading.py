"""What is lost when a server takes another version, or is asked to take one that is not good."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.dummy import DummyRegressor

import mlpack.sklearn
from benchmarks.faults.load import Load, ask, load
from benchmarks.faults.rows import Figure, fault
from benchmarks.faults.servers import Running, running

RELOADS = 5
PATIENCE = 120.0
ROW = b'{"inputs": [[1.0]]}'


@fault
def reload_under_load() -> Iterator[Figure]:
    """SIGHUP to two workers under load: five times a new version, and five times a corrupt one."""
    yield from _reloads("two workers", 1, "-w", "2")


@fault
def reload_one_process() -> Iterator[Figure]:
    """The same with one process, which starts itself anew; its clients wait meanwhile."""
    yield from _reloads("one process", 30)


def _reloads(servers: str, pause: float, *options: str) -> Iterator[Figure]:
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        _put(folder, 0)
        with running(folder, *options) as server, load(server.port, ROW, clients=8) as asking:
            waits = [_until_it_answers(server, folder, number) for number in range(1, RELOADS + 1)]
            good = asking.failed()
            for _ in range(RELOADS):
                _spoil(server, folder)
            last = ask(server.port, ROW)[1]["predictions"]
    yield Figure(f"requests failed in {RELOADS} reloads, {servers} ({len(asking.answers)} answered)", good, 0)
    yield Figure(f"requests failed in {RELOADS} of a corrupt version, {servers}", asking.failed() - good, 0)
    yield Figure(f"answers of another than the last good version, {servers}", last != [RELOADS], 0)
    yield Figure(f"longest without an answer, {servers}", _longest(asking), pause, "s")
    yield Figure(f"new version answers after (it is saved meanwhile), {servers}", max(waits), PATIENCE, "s")


def _put(folder: Path, number: float) -> None:
    """Put a model that always answers ``number`` into the place of the folder."""
    model = DummyRegressor(strategy="constant", constant=number).fit(np.zeros((1, 1)), [0])
    beside = folder.with_name("beside")
    mlpack.sklearn.save_model(model, beside, input_example=np.zeros((1, 1)))
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)


def _until_it_answers(server: Running, folder: Path, number: float) -> float:
    _put(folder, number)
    return _until(server, lambda: ask(server.port, ROW)[1].get("predictions") == [number])


def _spoil(server: Running, folder: Path) -> None:
    (folder / "model.pkl").write_bytes(os.urandom(100))
    refused = server.log.read_text("utf-8").count("still is")
    _until(server, lambda: server.log.read_text("utf-8").count("still is") > refused)


def _until(server: Running, holds: Callable[[], bool]) -> float:
    os.kill(server.process, signal.SIGHUP)
    began = time.monotonic()
    while not holds() and time.monotonic() < began + PATIENCE:
        time.sleep(0.02)
    return time.monotonic() - began


def _longest(asking: Load) -> float:
    moments = sorted(moment for moment, _ in asking.answers)
    return max(later - sooner for sooner, later in pairwise(moments))
