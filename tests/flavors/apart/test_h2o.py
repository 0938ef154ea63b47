"""What is special to H2O: its server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import h2o
import pytest

import mlpack.h2o
import mlpack.pyfunc
from mlpack.errors import InvalidArgument, MissingFramework
from mlpack_flavors.java import check_java
from tests.flavors.cases import Case
from tests.flavors.cases.h2o import classes

_SCRIPT = """
import os, sys
import mlpack.pyfunc
model = mlpack.pyfunc.load_model(sys.argv[1])
import h2o
print(h2o.cluster().nodes[0]["pid"], *model.predict(model.input_example)["predict"], flush=True)
if sys.argv[2] == "killed":
    os.kill(os.getpid(), 9)
"""


@pytest.fixture(scope="module")
def trained() -> Case:
    return classes()


@pytest.fixture(scope="module")
def saved(trained: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("h2o") / "model"
    mlpack.h2o.save_model(trained.model, path, input_example=trained.data, **trained.options)
    return path


@pytest.mark.parametrize("end", ["usual", "killed"])
def test_a_server_of_its_own_says_nothing_and_ends_with_the_process(trained: Case, saved: Path, end: str) -> None:
    command = [sys.executable, "-W", "ignore", "-c", _SCRIPT, os.fspath(saved), end]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    pid, *labels = ran.stdout.split()
    assert labels == trained.predict(trained.model, trained.data)["predict"].tolist()
    assert ended(int(pid))


def ended(pid: int) -> bool:
    """Whether a process ends within some seconds."""
    for _ in range(100):
        if not Path("/proc", str(pid)).exists():
            return True
        time.sleep(0.1)
    return False


def test_predicting_leaves_nothing_in_the_server(trained: Case, saved: Path) -> None:
    model = mlpack.pyfunc.load_model(saved)
    model.predict(trained.data)
    before = sorted(h2o.ls()["key"])
    model.predict(trained.data)
    assert sorted(h2o.ls()["key"]) == before


def test_labels_are_read_alike_whichever_come(trained: Case, saved: Path) -> None:
    model = mlpack.pyfunc.load_model(saved)
    kinds = {str(model.predict(trained.data.iloc[[row]])["predict"].dtype) for row in range(3)}
    assert kinds == {str(model.predict(trained.data)["predict"].dtype)}


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"nthreads": 1}, "unknown key of settings 'nthreads'; known: init"),
        ({"init": {"jvm_custom_args": ["-version"]}}, r"unknown key of settings\['init'\] 'jvm_custom_args'"),
        ({"init": {"max_mem_size": "much"}}, "max_mem_size is 'much', not a size"),
        ({"init": {"nthreads": 0}}, "nthreads is 0, not a number of threads"),
    ],
)
def test_settings_that_cannot_be_kept_are_refused(trained: Case, tmp_path: Path, settings: Any, reason: str) -> None:
    with pytest.raises(InvalidArgument, match=reason):
        mlpack.h2o.save_model(trained.model, tmp_path / "model", settings=settings)


def test_java_is_asked_for_where_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(
        MissingFramework, match="a model of the flavor h2o needs Java, which is not installed"
    ) as raised:
        check_java("h2o")
    assert "set JAVA_HOME" in raised.value.tip
