"""The benchmarks measure what they say; none of them is run here."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time

import pytest

from benchmarks.faults.rows import Figure
from benchmarks.load.bars import BARS, bars
from benchmarks.load.contenders import CONTENDERS
from benchmarks.load.models import models
from benchmarks.load.rounds import CROWD, Figures
from benchmarks.load.wrk import Window
from benchmarks.measurements import Measurement, spelled
from benchmarks.processes import cpu_seconds, memory_bytes, tree

LOOP = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")


def test_a_ratio_is_spelled_as_people_say_it() -> None:
    assert [spelled(ratio) for ratio in (1 / 15, 0.9, 1, 204.6, 0)] == ["1/15", "0.9", "1", "205", "0"]


def test_a_bar_is_a_least_or_a_most() -> None:
    assert Measurement("requests", "/s", 100, 9000, 80, more_is_better=True).reached
    assert not Measurement("p50", "ms", 15, 2, 1 / 15).reached


def test_a_fault_that_costs_more_than_it_may_misses_its_bar() -> None:
    assert Figure("requests lost", 0, 0).reached
    assert Figure("requests lost", 1, 0).line("end") == "| end | requests lost | 1 | at most 0 | NO |"


def test_what_a_process_uses_is_what_its_children_use_too() -> None:
    with subprocess.Popen([sys.executable, "-c", LOOP], stdin=subprocess.PIPE) as process:
        while len(tree(process.pid)) < 2:
            time.sleep(0.01)
        alone = sum(map(memory_bytes, tree(process.pid)[1:]))
        assert memory_bytes(process.pid) > alone >= 0
        assert cpu_seconds(os.getpid()) >= cpu_seconds(process.pid) >= 0
        process.communicate(b"\n")


def test_every_bar_is_about_a_model_and_servers_that_there_are() -> None:
    served = {
        (model.name, each.name) for model in models() for each in CONTENDERS if model.name in each.only or not each.only
    }
    assert {(bar.model, name) for bar in BARS for name in (bar.server, bar.other)} <= served


def test_an_error_of_ours_under_many_connections_misses_the_bar() -> None:
    def crowded(server: str, errors: int) -> Figures:
        windows = {count: [Window(rate=1, p50=1, p99=1, cpu=1, errors=errors)] for count in (1, 16, 64, CROWD)}
        return Figures("iris", server, start=1, start_cpu=1, memory=1, windows=windows)

    found = {("iris", "mlflow"): crowded("mlflow", 0), ("iris", "mlpack"): crowded("mlpack", 1)}
    line = next(each for each in bars(found) if "512" in each.what)
    assert math.isinf(line.mlpack) and not line.reached
