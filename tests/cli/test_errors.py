"""What goes wrong becomes ERROR and TIP lines on stderr, and an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from mlpack.cli.console import plain
from mlpack.cli.errors import Failure, exit_code_of, explain
from mlpack.errors import InvalidArgument, MissingFramework, PackageNotFound, PredictionFailed

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (PackageNotFound("nothing is there", tip="look"), Failure(1, "nothing is there", "look")),
        (MissingFramework("pyarrow", needed_for="Parquet", extra="arrow"), None),
        (PredictionFailed("it raised"), Failure(1, "it raised")),
        (InvalidArgument("wrong"), Failure(2, "wrong")),
        (click.UsageError("no such option"), Failure(2, "no such option", "mlpack --help")),
        (click.ClickException("a file cannot be opened"), Failure(1, "a file cannot be opened")),
        (PermissionError(13, "Permission denied", "/x"), Failure(1, "/x: Permission denied")),
        (MemoryError(), Failure(1, "there is not enough memory for this")),
        (click.Abort(), Failure(130)),
    ],
)
def test_each_kind_of_error_has_its_code(error: Exception, failure: Failure | None) -> None:
    told = explain(error)
    assert told == (failure or Failure(1, told.message, "pip install 'mlpack-models[arrow]'"))


def test_an_unexpected_error_is_called_a_defect(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of([].pop) == 70
    first, second = capsys.readouterr().err.splitlines()
    assert first == "ERROR unexpected IndexError: pop from empty list"
    assert second.startswith("TIP this is a defect") and "MLPACK_DEBUG=1" in second


def test_a_missing_package_is_an_error_with_a_tip_and_no_traceback(run: Run, tmp_path: Path) -> None:
    ran = run("models", "inspect", "-m", tmp_path / "absent")
    assert (ran.code, ran.out) == (1, "")
    assert [line.split()[0] for line in ran.err.splitlines()] == ["ERROR", "TIP"]


@pytest.mark.parametrize("words", [["--nonsense"], ["models", "serve"], ["models", "inspect", "-m"], ["nonsense"]])
def test_a_wrong_call_names_the_help_that_has_the_right_one(run: Run, words: list[str]) -> None:
    ran = run(*words)
    assert ran.code == 2
    assert ran.err.startswith("ERROR ") and ran.err.rstrip().endswith("--help")


@pytest.mark.parametrize("switch", [["--verbose"], []])
def test_the_traceback_is_shown_where_it_is_asked_for(run: Run, tmp_path: Path, switch: list[str]) -> None:
    ran = run(*switch, "models", "inspect", "-m", tmp_path / "absent")
    assert ("Traceback" in ran.err) == bool(switch)


def test_colours_are_for_terminals_only_and_no_color_turns_them_off(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("nonsense").err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert "\x1b[31m" in run("nonsense").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("nonsense").err


def test_names_from_a_package_cannot_drive_the_terminal(run: Run, tmp_path: Path) -> None:
    assert plain("a\x1b[2Jb\u202e\n") == r"a\x1b[2Jb\u202e\n"
    assert "\x1b" not in run("models", "inspect", "-m", tmp_path / "\x1b[31mred").err


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "mlpack", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
