"""Tables for people: columns as wide as they need to be, two spaces between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone

from mlpack.cli.console import plain

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def table(rows: Iterable[Sequence[object]], head: Sequence[str] = ()) -> str:
    """Rows as aligned text, below a line of headings where there are any; a None is an empty cell."""
    texts = [[plain("" if cell is None else str(cell)) for cell in row] for row in rows]
    texts = [[*head], *texts] if head else texts
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in texts)
    return "\n".join(line.rstrip() for line in lines)


def size_text(size: int) -> str:
    """A number of bytes as people read it: ``1.5 MB``."""
    thousands = min((len(str(size)) - 1) // 3, len(_UNITS) - 1)
    return f"{size / 1000**thousands:.1f} {_UNITS[thousands]}" if thousands else f"{size} bytes"


def time_text(milliseconds: float | None) -> str | None:
    """A time since 1970 as people read it: ``2026-11-21 09:30 UTC``; None where there is none."""
    if milliseconds is None:
        return None
    return f"{datetime.fromtimestamp(milliseconds / 1000, timezone.utc):%Y-%m-%d %H:%M} UTC"


def duration_text(start: int | None, end: int | None) -> str | None:
    """The time between two in milliseconds: ``1.2 s``, ``3 min 20 s``, ``5 h 1 min``; None where one is missing."""
    if start is None or end is None:
        return None
    seconds = (end - start) / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, hours = int(seconds // 60), int(seconds // 3600)
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min {int(seconds % 60)} s"


def pairs_text(pairs: Mapping[str, object]) -> str:
    """Keys and values in one line: ``a=1, b=2``."""
    return ", ".join(f"{key}={value}" for key, value in pairs.items())
