"""The one place where an error becomes ``ERROR ...`` and ``TIP ...`` on stderr, and an exit code."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from mlpack.cli.console import say
from mlpack.errors import InvalidArgument, MlpackError, PredictionFailed

#: The variable that shows tracebacks; ``--verbose`` sets it, so that it reaches every process that is started.
DEBUG = "MLPACK_DEBUG"

FAILED = 1
USAGE = 2
DEFECT = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


@dataclass(frozen=True)
class Failure:
    """What to tell of an error, and the exit code; an empty message says nothing."""

    code: int
    message: str = ""
    tip: str = ""


def explain(error: Exception) -> Failure:
    """What an error means to whoever typed the command."""
    if isinstance(error, MlpackError):
        return Failure(USAGE if isinstance(error, InvalidArgument) else FAILED, error.message, error.tip)
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "mlpack"
        return Failure(USAGE, error.format_message(), f"{path} --help")
    if isinstance(error, click.ClickException):
        return Failure(error.exit_code, error.format_message())
    if isinstance(error, click.Abort):
        return Failure(INTERRUPTED)
    if isinstance(error, OSError):
        return Failure(FAILED, f"{error.filename}: {error.strerror}" if error.filename else str(error))
    if isinstance(error, MemoryError):
        return Failure(FAILED, "there is not enough memory for this")
    kind = type(error).__name__
    tip = f"this is a defect of mlpack or of a flavor; set {DEBUG}=1 to see where, and report it"
    return Failure(DEFECT, f"unexpected {kind}: {error}", tip)


def trace(error: Exception) -> None:
    """Show the traceback on stderr, where that is asked for."""
    if os.environ.get(DEBUG, "0") not in ("", "0"):
        traceback.print_exception(error)


def exit_code_of(command: Callable[[], Any]) -> int:
    """Run a command; what goes wrong is told on stderr. A command that returns an integer chooses its exit code."""
    try:
        with _warnings_in_one_line():
            code = command()
    except Exception as error:  # noqa: BLE001  the last place that can tell of it
        trace(error)
        failure = explain(error)
        if failure.message:
            say(failure.message, "ERROR")
        if failure.tip:
            say(failure.tip, "TIP")
        return failure.code
    return code if isinstance(code, int) else 0


@contextmanager
def model_at_work() -> Iterator[None]:
    """What a model raises in the block is its own failure, a PredictionFailed, and no defect of mlpack."""
    try:
        yield
    except MlpackError:
        raise
    except Exception as error:
        message = f"the model raised {type(error).__name__}: {error}"
        raise PredictionFailed(message, tip=f"set {DEBUG}=1 to see where") from error


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        say(str(message), "WARNING")

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
