"""Commands that run in the restored environment of a package; real ones, made by uv."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

import mlpack
import mlpack.pyfunc
from mlpack.cli.elsewhere import said_again
from mlpack.cli.serve import serve
from mlpack.manifest import Model

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Serving

#: A model that answers where it runs, and fails on an empty input.
WHERE = """
import sys
from mlpack.models import set_model

def predict(model_input):
    return [sys.prefix] if len(model_input) else 1 / 0

set_model(predict)
"""


@pytest.fixture(scope="module", autouse=True)
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the environments of this module."""
    folder = tmp_path_factory.mktemp("envs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLPACK_ENV_ROOT", str(folder))
        yield folder


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("where")
    (folder / "where.py").write_text(WHERE)
    mlpack.pyfunc.save_model(folder / "model", python_model=folder / "where.py", pip_requirements=["six"])
    return folder / "model"


def test_prepare_env_prints_the_python_and_nothing_else(run_process: Run, package: Path, root: Path) -> None:
    ran = run_process("models", "prepare-env", "-m", package)
    assert ran.code == 0
    assert Path(ran.out.strip()).is_relative_to(root) and ran.out.count("\n") == 1


def test_predict_runs_there(run_process: Run, package: Path, root: Path) -> None:
    ran = run_process("models", "predict", "-m", package, "--env-manager", "uv", stdin='{"inputs": [1]}')
    assert ran.code == 0
    assert Path(json.loads(ran.out)["predictions"][0]).is_relative_to(root)


def test_the_version_that_a_store_names_here_runs_there(run_process: Run, package: Path, store: Path) -> None:
    mlpack.register_model(package, "where")
    words = ("-m", "models:/where/1", "--tracking-uri", store, "--env-manager", "uv")
    ran = run_process("models", "predict", *words, stdin='{"inputs": [1]}', env={"MLPACK_TRACKING_URI": ""})
    assert ran.code == 0 and "predictions" in ran.out


def test_an_error_there_is_the_error_here(run_process: Run, package: Path) -> None:
    ran = run_process("models", "predict", "-m", package, "--env-manager", "uv", stdin='{"inputs": []}')
    assert (ran.code, ran.out) == (1, "")
    assert "ERROR the model raised ZeroDivisionError" in ran.err and "Traceback" not in ran.err


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_server_there_is_ended_by_a_signal_here(package: Path, serving: Serving) -> None:
    with serving(package, "--env-manager", "uv") as (process, _):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_python_that_is_not_supported_is_an_error_with_a_tip(run: Run, tmp_path: Path) -> None:
    Model(flavors={"python_function": {"loader_module": "mlflow.pyfunc.model"}}).save(tmp_path / "MLmodel")
    (tmp_path / "python_env.yaml").write_text("python: 3.8.1\n")
    ran = run("models", "serve", "-m", tmp_path, "--env-manager", "uv")
    assert ran.code == 1
    assert [line.split()[0] for line in ran.err.splitlines()] == ["ERROR", "TIP"]


def test_a_command_can_be_said_again_with_one_value_changed() -> None:
    root = click.Context(click.Group("mlpack"), info_name="mlpack")
    words = ["-m", "a b", "-w", "2", "--env-manager", "uv"]
    context = serve.make_context("serve", words, parent=click.Context(click.Group(), root, "models"))
    again = said_again(context, {"env_manager": "local"})
    assert again == ["models", "serve", "--model-uri", "a b", "--env-manager", "local", "--workers", "2"]
