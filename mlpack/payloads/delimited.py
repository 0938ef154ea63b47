"""CSV in: a header, then rows of as many cells. Cells stay text; the signature says what they mean."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpack.enforcement import Source, enforce_table, enforce_tensor_columns
from mlpack.errors import MalformedPayload
from mlpack.payloads.limits import Limits
from mlpack.schema import Schema

if TYPE_CHECKING:
    import pandas as pd

#: What pandas takes for a missing value in a column that is not of text.
_MISSING = frozenset({"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"})
_MISSING |= {"<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
#: In a column of text only an empty cell is: NA is the code of Namibia.
_EMPTY = frozenset({""})

Cells = list[list[str]]


class Reader:
    """The rows of a CSV text as a table without types: ``names`` from the header, then columns of text by the chunk.

    An empty name becomes ``Unnamed: N``, as pandas calls it. ``lines`` are the text in pieces, usually a file.
    Raises MalformedPayload for a header that is missing or has a name twice, for rows of another length, for NUL
    characters; each with the number of the line.
    """

    def __init__(self, lines: Iterable[str], limits: Limits) -> None:
        self._rows = csv.reader(_without_nul(lines), strict=True)
        self._limits = limits
        self.names: list[str] = []
        header = next(self._read(), None)
        if header is None:
            raise MalformedPayload("the CSV body is empty", tip="send a header line, then a line for each row")
        self.names = [name or f"Unnamed: {at}" for at, name in enumerate(header)]
        limits.check_table(0, len(self.names))
        twice = [name for name, count in Counter(self.names).items() if count > 1]
        if twice:
            raise MalformedPayload(f"the header has the column {twice[0][:200]!r} twice")

    def columns(self, most: int | None = None) -> Cells:
        """The next columns of up to ``most`` rows, or of all; empty columns after the last row."""
        width = len(self.names)
        rows: Cells = []
        for row in islice(self._read(), most):
            if len(row) != width:
                line = self._rows.line_num
                raise MalformedPayload(f"the row in line {line} has {len(row)} cells, the header has {width}")
            rows.append(row)
            self._limits.check("cells", "the number of cells", len(rows) * width)
        return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in self.names]

    def _read(self) -> Iterator[list[str]]:
        """Rows; lines without anything are skipped."""
        while True:
            try:
                row = next(self._rows)
            except StopIteration:
                return
            except csv.Error as error:
                raise MalformedPayload(f"line {self._rows.line_num} is not CSV: {error}") from None
            # A line of spaces is one, too, unless that could be a cell.
            if row and (len(row) == len(self.names) or row[0].strip() or len(row) > 1):
                yield row


def _decoded(body: bytes) -> str:
    """The text of a CSV body without a byte order mark; raises MalformedPayload where it is not UTF-8."""
    try:
        return body.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise MalformedPayload(f"line {line} of the CSV body is not UTF-8") from None


def read_csv(body: bytes, schema: Schema | None, limits: Limits, *, inferred: bool) -> Any:
    """What the model gets from a CSV body: a Table, arrays, or a DataFrame where pandas infers the dtypes.

    They are inferred without a schema, and if ``inferred``: then a schema tells dtypes, but nothing is held against it.
    Raises MalformedPayload, SchemaMismatch or LimitExceeded.
    """
    text = _decoded(body)
    reader = Reader(io.StringIO(text, newline=""), limits)
    columns = reader.columns()
    if schema is None or inferred:
        return _inferred(text, schema)
    return typed(reader.names, columns, schema)


def typed(names: list[str], columns: Cells, schema: Schema) -> Any:
    """Columns of text as the model of a schema takes them; raises SchemaMismatch for what does not fit."""
    texts = {name for name, dtype in _dtypes(schema).items() if dtype.kind in "US"}
    marks = [_EMPTY if texts & {name, at} else _MISSING for at, name in enumerate(names)]
    cells = [[None if cell in mark else cell for cell in column] for column, mark in zip(columns, marks, strict=True)]
    if schema.is_tensor_spec():
        return enforce_tensor_columns(names, cells, schema, source=Source.TEXT)
    return enforce_table(names, cells, schema, source=Source.TEXT)


def _dtypes(schema: Schema) -> dict[Hashable, np.dtype[Any]]:
    """The dtypes of columns that are not nested, by name, or by position where they have none."""
    kinds = zip(schema.input_names(), schema.input_types(), strict=True)
    dtypes = {name: getattr(kind, "numpy", kind) for name, kind in kinds}
    return {name: dtype for name, dtype in dtypes.items() if isinstance(dtype, np.dtype)}


def _inferred(text: str, schema: Schema | None) -> pd.DataFrame:
    """The frame that pandas reads from a checked text; a schema tells the dtypes of its columns."""
    import pandas as pd

    told = {} if schema is None else _dtypes(schema)
    dtypes = {name: str if dtype.kind in "US" else dtype for name, dtype in told.items() if dtype.kind != "M"}
    try:
        return pd.read_csv(io.StringIO(text), index_col=False, dtype=dtypes)
    except (ValueError, TypeError, OverflowError) as error:
        raise MalformedPayload("pandas cannot read the CSV body") from error


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if "\0" in line:
            raise MalformedPayload(f"line {number} of the CSV body has a NUL character")
        yield line
