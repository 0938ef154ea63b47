"""Tables for people: columns as wide as they need to be, two spaces between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
