"""CSV files larger than memory: cut where rows end, which is quick; a chunk is decoded later, elsewhere if need be."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from mlpack.manifest import Model
from mlpack.payloads.chunk import Chunk
from mlpack.payloads.counting import counted_from
from mlpack.payloads.delimited import Reader, checked, is_row, read_csv
from mlpack.payloads.json_body import checked_params
from mlpack.payloads.limits import Limits
from mlpack.payloads.payload import Payload


@dataclass(frozen=True)
class CsvChunk(Chunk):
    """The header and lines that hold whole rows, as a text of their own; the file has ``line`` lines between them."""

    body: bytes
    line: int

    def payload(self, model: Model, limits: Limits) -> Payload:
        """What the model takes."""
        with counted_from(self.first):
            return Payload(read_csv(self.body, model, limits, line=self.line), checked_params(None, model))


def split_csv(stream: BinaryIO, rows: int, limits: Limits) -> Iterator[CsvChunk]:
    """The rows of a CSV file, so many at a time; at least one chunk. Raises MalformedPayload for what is not text."""
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
    try:
        lines = checked(text)
        header: list[str] = []
        width = len(Reader(_noted(lines, header), limits).names)
        first = line = 0
        while True:
            body, height, count = _take(lines, rows, width)
            if count or not first:
                yield CsvChunk(first, count, "".join([*header, body]).encode(), line)
            if count < rows:
                return
            first, line = first + count, line + height
    finally:
        text.detach()


def _noted(lines: Iterator[str], held: list[str]) -> Iterator[str]:
    for line in lines:
        held.append(line)
        yield line


def _take(lines: Iterator[str], rows: int, width: int) -> tuple[str, int, int]:
    """The text of the next rows, its number of lines, and of rows."""
    held: list[str] = []
    count = 0
    while count < rows and (line := next(lines, None)) is not None:
        held.append(line)
        count += _complete(held, lines, width) if '"' in line or line.isspace() else 1
    return "".join(held), len(held), count


def _complete(held: list[str], lines: Iterator[str], width: int) -> bool:
    """Add to ``held`` the lines over which quotes carry on its last one; whether they are a row."""
    try:
        return is_row(next(csv.reader(chain(held[-1:], _noted(lines, held)), strict=True)), width)
    except csv.Error:  # it will be told when the rows are read
        return True
