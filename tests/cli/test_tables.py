"""Tables for people."""

from __future__ import annotations

import pytest

from mlpack.cli.tables import size_text, table


def test_columns_are_as_wide_as_what_they_hold() -> None:
    assert table([("a", 1), ("long", None)], ("NAME", "N")) == "NAME  N\na     1\nlong"


def test_a_cell_stays_on_its_line() -> None:
    assert table([("a\nb\x1b[0m",)]) == r"a\nb\x1b[0m"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2_000_000, "2.0 MB"), (3 * 10**15, "3000.0 TB")],
)
def test_sizes_are_readable(size: int, text: str) -> None:
    assert size_text(size) == text
