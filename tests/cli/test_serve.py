"""``mlpack models serve``: the process, how it starts and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from mlpack.processors import usable

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Serving


def test_it_answers_what_curl_would_ask(saved: Path, serving: Serving) -> None:
    body = {"dataframe_split": {"columns": ["length", "width"], "data": [[1, 2], [8, 7]]}}
    with serving(saved) as (_, url):
        with urlopen(f"{url}/health") as answer:
            assert answer.status == 200
        request = Request(f"{url}/invocations", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urlopen(request) as answer:
            assert json.load(answer) == {"predictions": [0, 1]}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.skipif(usable() == 1, reason="one processor, one process")
def test_auto_takes_a_worker_for_each_processor(saved: Path, serving: Serving) -> None:
    with serving(saved, "-w", "auto") as (process, _):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + 20  # the first worker says that it listens, the others are still to come
        while len(children.read_text("ascii").split()) < usable() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(children.read_text("ascii").split()) == usable()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quietly_when_it_is_told_to(saved: Path, serving: Serving, number: signal.Signals) -> None:
    with serving(saved) as (process, _):
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err and "ERROR" not in err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_model_that_cannot_be_loaded_ends_it_before_anything_listens(
    run_process: Run, package: Path, workers: str
) -> None:
    (package / "model.pkl").write_bytes(b"other")
    ran = run_process("models", "serve", "-m", package, "-p", "0", "-w", workers)
    assert (ran.code, ran.out) == (1, "")
    assert [line.split()[0] for line in ran.err.splitlines()] == ["ERROR", "TIP"]


def test_a_port_that_is_taken_is_an_error(saved: Path, run_process: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = run_process("models", "serve", "-m", saved, "-p", taken.getsockname()[1])
    assert ran.code == 2 and "ERROR 127.0.0.1 port" in ran.err
