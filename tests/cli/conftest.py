"""Packages to run commands on, and two ways to run them: in this process, and in one of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mlpack.sklearn
from mlpack.cli import main

COLUMNS = ["length", "width"]
ROWS = pd.DataFrame([[1.0, 2.0], [2.0, 1.0], [7.0, 8.0], [8.0, 7.0]], columns=COLUMNS)
LABELS = [0, 0, 1, 1]


@dataclass(frozen=True)
class Ran:
    """What a command gave: its exit code and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, as typed."""
    monkeypatch.setenv("MLPACK_DEBUG", "0")  # --verbose sets it: let it be as before afterwards
    monkeypatch.setenv("MLPACK_TRACKING_URI", os.environ.get("MLPACK_TRACKING_URI", ""))  # so does --tracking-uri

    def call(*words: object) -> Ran:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return Ran(code, *capfd.readouterr())

    return call


@pytest.fixture
def run_process() -> Run:
    """Run a command in a process of its own; ``env`` is added to the environment."""

    def call(*words: object, stdin: str = "", env: dict[str, str] | None = None) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "mlpack", *map(str, words)],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=os.environ | (env or {}),
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return call


Serving = Callable[..., AbstractContextManager[tuple["subprocess.Popen[str]", str]]]


@pytest.fixture
def serving() -> Serving:
    """A server in a process of its own, and where it answers."""

    @contextmanager
    def start(package: Path | str, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
        command = [sys.executable, "-m", "mlpack", "models", "serve", "-m", str(package), "-p", "0", *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield process, address(process)
            finally:
                process.kill()

    return start


def address(process: subprocess.Popen[str]) -> str:
    """Where a server that is starting says that it listens."""
    assert process.stderr
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line)
        if found := re.search(r"http://\S+", line):
            return found[0]
    raise AssertionError("".join(lines))


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of a fitted model with signature and example; for reading only."""
    path = tmp_path_factory.mktemp("saved") / "model"
    model = LogisticRegression().fit(ROWS, LABELS)
    mlpack.sklearn.save_model(model, path, input_example=ROWS, metadata={"team": "flowers"})
    return path


@pytest.fixture
def package(saved: Path, tmp_path: Path) -> Path:
    """A copy of the package, to be changed."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the store that is configured; empty."""
    for name in ("MLFLOW_TRACKING_URI", "MLPACK_REGISTRY_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLPACK_TRACKING_URI", str(tmp_path / "mlruns"))
    return tmp_path / "mlruns"


@pytest.fixture
def registered(store: Path) -> str:
    """The id of a run in the store that logged a model, ``model``, and registered it as version 1 of ``iris``."""
    with mlpack.start_run(run_name="first") as active:
        model = LogisticRegression().fit(ROWS, LABELS)
        mlpack.sklearn.log_model(model, "model", input_example=ROWS, registered_model_name="iris")
    return str(active.info.run_id)
