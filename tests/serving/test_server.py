"""Server processes: starting, draining, workers that die, what they load."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from mlpack.errors import PackageNotFound
from mlpack_serving.access import Access
from mlpack_serving.server import announce, serve
from mlpack_serving.settings import Settings
from mlpack_serving.trial import Found

if TYPE_CHECKING:
    from tests.serving.conftest import Package, Server, StartServer

SCRIPT = Path(__file__).with_name("run_server.py")
ROW = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0]]}}'
ECHO = b'{"input": "x"}'
SLOW = b'{"input": "x", "sleep": 1.0}'


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that happens in another process."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def listens(running: Server) -> bool:
    try:
        running.connect().close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_model_of_a_library_is_loaded_once_for_all_workers(server: StartServer) -> None:
    running = server("flowers", workers=2)
    assert running.post(ROW) == (200, b'{"predictions":[0]}')
    assert running.stop() == 0
    assert "Traceback" not in running.log.read_text("utf-8")


def test_a_framework_whose_threads_do_not_survive_a_fork_is_loaded_by_each_worker(
    server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")  # one thread would be none to lose
    assert server("boosted", workers=2).post(b'{"inputs": {"length": [1.0], "width": [2.0]}}')[0] == 200


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_accepted_is_answered_before_the_server_ends(server: StartServer, workers: int, sig: int) -> None:
    running = server("talk", workers=workers)
    answers: list[tuple[int, bytes]] = []
    asking = threading.Thread(target=lambda: answers.append(running.post(SLOW)))
    with running.connect() as waiting:
        asking.start()
        time.sleep(0.4)
        running.process.send_signal(sig)
        wait_until(lambda: not listens(running))
        waiting.sendall(b"GET /live HTTP/1.1\r\nhost: a\r\n\r\n")  # it was accepted before, too
        assert b" 200 OK" in waiting.recv(1000)
    asking.join()
    assert answers[0][0] == 200
    assert running.process.wait(20) == 0


def test_hundreds_of_connections_that_come_at_once_are_all_answered(server: StartServer) -> None:
    running = server("flowers")
    running.process.send_signal(signal.SIGSTOP)
    with ExitStack() as stack:
        connections = [stack.enter_context(running.connect()) for _ in range(300)]
        for connection in connections:
            connection.sendall(b"GET /live HTTP/1.1\r\nhost: a\r\n\r\n")
        running.process.send_signal(signal.SIGCONT)
        assert all(b" 200 OK" in connection.recv(1000) for connection in connections)
    assert running.stop() == 0


def test_no_request_is_lost_while_a_server_ends_under_load(server: StartServer) -> None:
    running = server("talk", workers=2)
    results: list[object] = []

    def ask() -> None:
        while True:
            try:
                results.append(running.post(ECHO)[0])
            except ConnectionRefusedError:
                return
            except OSError as error:
                results.append(error)
                return

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for each in clients:
        each.start()
    time.sleep(0.5)
    assert running.stop() == 0
    for each in clients:
        each.join()
    assert set(results) == {200}


def test_an_answer_that_takes_longer_than_draining_may_is_given_up(server: StartServer) -> None:
    running = server("talk", drain_timeout=1)
    with running.connect() as connection:
        body = b'{"input": "x", "sleep": 20}'
        connection.sendall(b"POST /invocations HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        time.sleep(0.3)
        began = time.monotonic()
        assert running.stop() == 0
    assert time.monotonic() - began < 5


def test_a_worker_that_dies_is_replaced(server: StartServer) -> None:
    running = server("talk", workers=2)
    wait_until(lambda: len(running.children()) == 2)
    victim = running.children()[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(running.children()) == 2 and victim not in running.children())
    assert running.post(ECHO)[0] == 200


def test_workers_end_when_their_supervisor_is_killed(server: StartServer) -> None:
    running = server("talk", workers=2)
    assert running.post(ECHO)[0] == 200
    workers = running.children()
    running.process.kill()
    running.process.wait()
    wait_until(lambda: not any(Path(f"/proc/{each}").exists() for each in workers))


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_package_that_is_not_there_is_an_error_before_anything_listens(
    tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # which stays as it is
    nowhere = str(tmp_path / "none")
    with pytest.raises(PackageNotFound):
        serve(Found(nowhere, nowhere), Settings(port=0, workers=workers), nowhere)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_model_that_cannot_be_loaded_ends_the_server_with_the_reason(package: Package, workers: int) -> None:
    command = [sys.executable, str(SCRIPT), str(package("unloadable")), f'{{"port": 0, "workers": {workers}}}']
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "there are no weights" in ended.stderr
    assert "Serving" not in ended.stderr


def test_a_server_loads_nothing_that_its_model_does_not_need(server: StartServer) -> None:
    loaded = orjson.loads(server("modules").post(ECHO)[1])["modules"]
    assert {"uvicorn", "uvloop", "mlpack_serving"} < set(loaded)
    assert {"pandas", "sklearn", "scipy", "pyarrow", "gunicorn", "mlflow"}.isdisjoint(loaded)


def test_workers_share_the_processors(server: StartServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert orjson.loads(server("modules", workers=2).post(ECHO)[1])["threads"] == str(max(1, processors() // 2))


def test_who_can_reach_a_server_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "mlpack_serving"):
        announce("model", ("127.0.0.1", 5000), Access(Settings()))
        announce("model", ("::", 5000, 0, 0), Access(Settings()))
    assert [record.levelname for record in caplog.records] == ["INFO", "INFO", "WARNING", "WARNING"]
    assert "http://[::]:5000" in caplog.text
