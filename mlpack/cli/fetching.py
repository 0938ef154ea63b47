"""Fetching a package before a command works on it, with a bar where somebody watches."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click


def fetched(model_uri: str) -> Path:
    """The local folder of the package that a URI names."""
    from mlpack.stores import resolve

    with fetching_bar() as report:
        return resolve(model_uri, report=report)


@contextlib.contextmanager
def fetching_bar() -> Iterator[Callable[[int, int], None]]:
    """What to call with the bytes done and the bytes of all; a bar on stderr appears with the first call."""
    with contextlib.ExitStack() as shown:
        bars: list[Any] = []

        def report(done: int, total: int) -> None:
            if not sys.stderr.isatty():
                return
            if not bars:
                bars.append(shown.enter_context(click.progressbar(length=total, label="fetching", file=sys.stderr)))
            bars[0].length = total
            bars[0].update(done - bars[0].pos)

        yield report
