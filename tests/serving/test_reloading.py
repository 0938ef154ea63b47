"""Another version takes the place of the one that is served, if it is good, and no request is lost by that."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from sklearn.dummy import DummyRegressor

import mlpack.pyfunc
import mlpack.sklearn
from mlpack.client import Client
from mlpack_serving.trial import Found, alike, tried
from tests.serving.conftest import request
from tests.serving.test_access import CONTROL_KEY, CONTROL_LINE
from tests.serving.test_server import SCRIPT, wait_until

if TYPE_CHECKING:
    from tests.serving.conftest import Package, Server, StartServer

ROW = b'{"inputs": [[1.0]]}'


def constant(folder: Path, number: float) -> None:
    """Put a model of scikit-learn that always answers ``number`` at ``folder``."""
    model = DummyRegressor(strategy="constant", constant=number).fit(np.zeros((1, 1)), [0])
    replace(folder, lambda path: mlpack.sklearn.save_model(model, path, input_example=np.zeros((1, 1))))


def with_code(folder: Path, number: float) -> None:
    """Put a model there that takes the number from a module of its own."""
    code = folder.parent / "answers.py"
    code.write_text(f"NUMBER = {number}\n", "utf-8")
    model = Path(__file__).parent / "models" / "with_code.py"
    replace(folder, lambda path: mlpack.pyfunc.save_model(path, python_model=model, code_paths=[code]))


def replace(folder: Path, save: Any) -> None:
    """Save beside the folder, and put it into its place."""
    beside = folder.with_name("beside")
    save(beside)
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)


def answer(running: Server) -> float:
    status, body = running.post(ROW)
    assert status == 200, body
    return float(orjson.loads(body)["predictions"][0])


@pytest.mark.parametrize(("workers", "save"), [(1, with_code), (2, with_code), (2, constant)])
def test_a_reload_changes_the_answers_and_loses_none(
    server: StartServer, tmp_path: Path, workers: int, save: Any
) -> None:
    folder = tmp_path / "model"
    save(folder, 1)
    running = server(folder, workers=workers)
    answers: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answers.append(answer(running))

    asking = threading.Thread(target=ask)
    asking.start()
    save(folder, 2)
    running.process.send_signal(signal.SIGHUP)
    wait_until(lambda: answers[-1:] == [2])
    stop.set()
    asking.join()
    assert sorted(set(answers)) == [1, 2]
    wait_until(lambda: {answer(running) for _ in range(8)} == {2})
    assert running.stop() == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bad_version_never_replaces_a_good_one(server: StartServer, tmp_path: Path, workers: int) -> None:
    served, found = tmp_path / "served", tmp_path / "found"
    with_code(served, 1)
    running = server(served, workers=workers, origin=str(found))
    with_code(found, 3)
    (found / "code" / "answers.py").write_text("NUMBER = 4\n", "utf-8")
    running.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "still is" in running.log.read_text("utf-8"))
    assert [answer(running) for _ in range(4)] == [1] * 4
    with_code(found, 2)
    running.process.send_signal(signal.SIGHUP)
    wait_until(lambda: answer(running) == 2)


def test_a_version_whose_workers_die_does_not_replace_a_good_one(server: StartServer, tmp_path: Path) -> None:
    served, found = tmp_path / "served", tmp_path / "found"
    with_code(served, 1)
    running = server(served, workers=2, origin=str(found))
    replace(found, save_fatal)
    running.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "its workers die" in running.log.read_text("utf-8"))
    assert [answer(running) for _ in range(4)] == [1] * 4


def save_fatal(path: Path) -> None:
    """A model that loads in a trial, and ends a worker."""
    model = Path(__file__).parent / "models" / "fatal_in_workers.py"
    mlpack.pyfunc.save_model(path, python_model=model)


def test_an_alias_that_moves_is_followed(server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLPACK_TRACKING_URI", str(tmp_path / "store"))
    client = Client()
    client.create_registered_model("answers")
    for number in (1, 2):
        with_code(tmp_path / f"model{number}", number)
        client.create_model_version("answers", str(tmp_path / f"model{number}"))
    client.set_registered_model_alias("answers", "live", "1")
    running = server(tmp_path / "model1", follow=0.1, origin="models:/answers@live")
    assert answer(running) == 1
    client.set_registered_model_alias("answers", "live", "2")
    wait_until(lambda: answer(running) == 2)
    named = b"x-mlpack-model: answers\r\nx-mlpack-version: 2\r\n"  # once the worker before has closed its socket
    wait_until(lambda: named in running.exchange(request(ROW, "connection: close")))


def test_the_control_route_tells_what_became_of_a_reload(server: StartServer, tmp_path: Path) -> None:
    served, found, keys = tmp_path / "served", tmp_path / "found", tmp_path / "keys"
    keys.write_text(CONTROL_LINE, "utf-8")
    with_code(served, 1)
    running = server(served, origin=str(found), control_keys_file=str(keys))

    def reload() -> tuple[int, dict[str, Any]]:
        lines = ["POST /control/reload HTTP/1.1", "host: a", f"x-api-key: {CONTROL_KEY}", "connection: close"]
        answer = running.exchange("\r\n".join([*lines, "content-length: 0", "", ""]).encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), orjson.loads(body)

    status, told = reload()
    assert (status, told["serving"]) == (409, str(served))
    assert "nothing at" in told["refused"]
    with_code(found, 2)
    status, told = reload()
    assert (status, told["serving"], told["refused"]) == (200, str(found), "")
    assert answer(running) == 2
    metrics = running.get("/metrics")[1]
    assert b'mlpack_reloads_total{outcome="served"} 1\n' in metrics
    assert b'mlpack_reloads_total{outcome="refused"} 1\n' in metrics


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_whose_terminal_was_closed_ends(package: Package, tmp_path: Path, workers: int) -> None:
    ours, theirs = os.openpty()
    log = tmp_path / "log"
    options = json.dumps({"port": 0, "lame_duck": 0, "workers": workers})
    with log.open("wb") as sink:
        command = [sys.executable, str(SCRIPT), str(package("talk")), options]
        process = subprocess.Popen(command, stdin=theirs, stdout=sink, stderr=sink)
    os.close(theirs)
    try:
        wait_until(lambda: b"Serving" in log.read_bytes())
        os.close(ours)
        process.send_signal(signal.SIGHUP)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def test_what_answers_its_example_otherwise_than_stored_is_not_good(package: Package, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(package("flowers"), folder)
    assert tried(str(folder)) == Found(str(folder), str(folder))
    stored = folder / "serving_output_example.json"
    for answers, reason in (("[0, 0, 1, 1]", ""), ("[0, 0, 0, 1]", "it answers its example otherwise")):
        stored.write_text(f'{{"predictions": {answers}}}', "utf-8")
        with pytest.warns(UserWarning, match="not part of it"):
            assert tried(str(folder)).reason.startswith(reason)
    assert "nothing at" in tried(str(tmp_path / "none")).reason


def test_answers_are_alike_whatever_rounds_them() -> None:
    assert alike({"a": [1.0, "x", None]}, {"a": [1.0000001, "x", None]})
    assert not alike({"a": [1.0]}, {"a": [1.01]})
    assert not alike({"a": [1.0]}, {"a": [1.0, 1.0]})
    assert not alike({"a": True}, {"b": True})
