"""Workers that die, hang or stop, signals, and the end of a server in its steps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.serving.test_server import ECHO, SCRIPT, wait_until

if TYPE_CHECKING:
    from tests.serving.conftest import Package, StartServer


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_to_end_says_so_and_goes_on_answering_until_it_is_hurried(
    server: StartServer, workers: int
) -> None:
    running = server("talk", workers=workers, lame_duck=20)
    assert [running.get(path)[0] for path in ("/ready", "/ping", "/live")] == [200, 200, 200]
    running.process.send_signal(signal.SIGTERM)
    wait_until(lambda: running.get("/ready")[0] == 503)
    assert [running.get(path)[0] for path in ("/ping", "/live")] == [200, 200]
    assert running.post(ECHO)[0] == 200
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) == 0


def test_workers_obey_nobody_but_their_supervisor(server: StartServer) -> None:
    running = server("talk", workers=2)
    workers = running.children()
    for worker in workers:
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            os.kill(worker, sig)
    assert [running.post(ECHO)[0] for _ in range(8)] == [200] * 8
    assert running.children() == workers


def test_a_stopped_worker_is_replaced(server: StartServer) -> None:
    running = server("talk", workers=2)
    victim = running.children()[0]
    os.kill(victim, signal.SIGSTOP)
    wait_until(lambda: victim not in running.children() and len(running.children()) == 2)
    assert running.post(ECHO)[0] == 200


def test_a_worker_whose_prediction_hangs_is_replaced(server: StartServer) -> None:
    running = server("talk", workers=2, timeout=0.5)
    wait_until(lambda: len(running.children()) == 2)
    before = set(running.children())
    assert running.post(b'{"input": "x", "sleep": 60}')[0] == 504
    wait_until(lambda: len(before & set(running.children())) == 1 and len(running.children()) == 2)
    assert running.get("/ping")[0] == 200


@pytest.mark.parametrize("workers", [1, 2])
def test_what_waits_behind_a_late_prediction_is_answered(server: StartServer, workers: int) -> None:
    running = server("talk", workers=workers, timeout=1)
    late: list[int] = []
    asking = [
        threading.Thread(target=lambda: late.append(running.post(b'{"input": "x", "sleep": 1.5}')[0])) for _ in range(2)
    ]
    for each in asking:
        each.start()
    assert [running.post(ECHO)[0] for _ in range(4)] == [200] * 4
    for each in asking:
        each.join()
    assert late == [504, 504]


def test_workers_that_die_again_and_again_are_told_of_by_health(server: StartServer) -> None:
    running = server("talk", workers=2)

    def is_told() -> bool:
        with suppress(OSError, IndexError):  # nobody answers what ends the process
            running.post(b'{"input": "x", "die": "crash"}')
        with suppress(OSError, IndexError):
            status, told = running.get("/health")
            return status == 503 and b"in a row" in told
        return False

    wait_until(is_told)
    assert running.get("/live")[0] == 200
    wait_until(lambda: running.get("/ping")[0] == running.get("/ready")[0] == 200)
    assert running.post(ECHO)[0] == 200


def test_a_server_whose_workers_never_begin_to_answer_ends(package: Package) -> None:
    command = [sys.executable, str(SCRIPT), str(package("deadly")), '{"port": 0, "workers": 2}']
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "no worker could be started" in ended.stderr
