"""What people see: lines on stderr, and a stdout that holds results and nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import BinaryIO

import click

_COLORS = {"ERROR": "red", "WARNING": "yellow", "TIP": "cyan"}


def say(text: str, kind: str = "") -> None:
    """Write a line to stderr, after the word ``kind`` (ERROR, WARNING, TIP) where it is of a kind."""
    head = click.style(kind, fg=_COLORS[kind], bold=True) + " " if kind else ""
    click.echo(head + plain(text, keep="\n\t"), err=True, color=color())


def color() -> bool | None:
    """False where NO_COLOR is set, else None: as the terminal is. Source: no-color.org."""
    return False if os.environ.get("NO_COLOR") else None


def plain(text: str, keep: str = "") -> str:
    """Text of a package or a model as a terminal may get it: what does not print is written as an escape."""
    return "".join(char if char.isprintable() or char in keep else ascii(char)[1:-1] for char in text)


@contextmanager
def results() -> Iterator[BinaryIO]:
    """The real stdout, for results only: what a model prints meanwhile, by Python or below it, goes to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(os.dup(kept), "wb") as stream, redirect_stdout(sys.stderr):
            yield stream
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
