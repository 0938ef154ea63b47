"""How large an input may be. Every limit is an option; the defaults keep one client from taking the machine."""

from __future__ import annotations

from dataclasses import dataclass

from mlpack.errors import LimitExceeded


@dataclass(frozen=True)
class Limits:
    """The largest input that is read: sizes are bytes, the rest are counts.

    ``cells`` counts rows times columns, and the elements of tensors and of nested values. ``array_bytes`` bounds what
    one column or tensor of text takes as an array, where every element is as wide as the longest.
    """

    body_bytes: int = 64 * 2**20
    json_depth: int = 64
    number_chars: int = 400
    columns: int = 10_000
    cells: int = 2_000_000
    array_bytes: int = 2**30

    def check(self, limit: str, what: str, got: int) -> None:
        """Raise LimitExceeded if ``got`` is above the limit of that name; ``what`` is what was counted."""
        largest: int = getattr(self, limit)
        if got > largest:
            option = f"--max-{limit.replace('_', '-')}"
            raise LimitExceeded(what, limit=largest, got=got, option=option)

    def check_table(self, rows: int, columns: int) -> None:
        """Raise LimitExceeded if a table of that size has too many columns or cells."""
        if columns > self.columns or rows * columns > self.cells:
            self.check("columns", "the number of columns", columns)
            self.check("cells", "the number of cells", rows * columns)
