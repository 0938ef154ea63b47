"""The command itself: how it starts, what it says of itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from mlpack import __version__
from mlpack.cli.models import models

if TYPE_CHECKING:
    from tests.cli.conftest import Run

HEAVY = {"numpy", "pandas", "yaml", "orjson", "starlette", "uvicorn", "asyncio", "sklearn", "mlpack.manifest"}


def test_it_says_its_version(run: Run) -> None:
    assert run("--version").out == f"mlpack {__version__}\n"


def test_python_runs_it_as_a_module(run_process: Run) -> None:
    assert run_process("--version").out == f"mlpack {__version__}\n"


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["models", "--help"], ["models", "serve", "--help"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    code = f"import sys; from mlpack.cli import main; main({words}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(done.stderr.split())


def test_what_a_store_holds_is_told_without_what_packages_or_other_stores_need(tmp_path: Path) -> None:
    code = "import sys; from mlpack.cli import main; main(['runs', 'list']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert {*HEAVY - {"yaml"}, "http.client", "ssl"}.isdisjoint(done.stderr.split())


def test_the_commands_on_packages_are_those_that_the_readme_lists() -> None:
    assert sorted(models.commands) == [
        "build-docker",
        "generate-dockerfile",
        "inspect",
        "predict",
        "prepare-env",
        "reload",
        "serve",
        "update-pip-requirements",
        "validate",
    ]


@pytest.mark.parametrize("command", models.commands.values(), ids=str)
def test_every_command_teaches_by_examples(command: click.Command) -> None:
    with click.Context(command) as context:
        text = command.get_help(context)
    subject = "--url" if command.name == "reload" else "-m my_model"
    assert f"  mlpack models {command.name} {subject}" in text
    assert all(option.help for option in command.params if isinstance(option, click.Option) and not option.hidden)


@pytest.mark.parametrize("words", [(), ("models",)])
def test_a_group_without_a_command_helps(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words) == run(*words, "--help")


def test_the_help_says_what_exit_codes_mean(run: Run) -> None:
    text = run("--help").out
    assert "  70   a defect of mlpack" in text and "\b" not in text
