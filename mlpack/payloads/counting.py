"""Rows of a file that is read in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mlpack.errors import SchemaMismatch


@contextmanager
def counted_from(first: int) -> Iterator[None]:
    """Have an error name the row of the file, where the block reads a chunk that begins with the row ``first``."""
    try:
        yield
    except SchemaMismatch as error:
        if error.row is None:
            raise
        row = first + error.row
        raise SchemaMismatch(error.field, expected=error.expected, got=error.got, row=row, tip=error.tip) from None
