"""CSV in: a header, then rows of as many cells. Cells stay text; the signature says what they mean."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpack.enforcement import Source, enforce_table, enforce_tensor_columns
from mlpack.errors import MalformedPayload
from mlpack.manifest import Model
from mlpack.payloads.arrow_csv import read_columns
from mlpack.payloads.limits import Limits
from mlpack.schema import Schema

if TYPE_CHECKING:
    import pandas as pd

#: What pandas takes for a missing value in a column that is not of text.
_MISSING = frozenset({"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"})
_MISSING |= {"<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
#: In a column of text only an empty cell is: NA is the code of Namibia.
_EMPTY = frozenset({""})
_SHOWN = 200


def read_csv(body: bytes, model: Model, limits: Limits, *, line: int = 0) -> Any:
    """What the model gets from a CSV body, see `TextTable.typed`; ``line`` is how many lines of its file it lacks.

    Raises MalformedPayload, SchemaMismatch or LimitExceeded.
    """
    schema = model.get_input_schema()
    if schema is not None and not model.is_signature_from_type_hint:
        columns = read_columns(body, _dtypes(schema), _MISSING, limits)
        if columns is not None:
            return TextTable(*columns).typed(model)
    try:
        text = body.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise MalformedPayload(f"line {line} of the CSV input is not UTF-8") from None
    return Reader(checked(io.StringIO(text, newline="")), limits, line=line).read().typed(model)


@dataclass(slots=True)
class TextTable:
    """Rows of a CSV text, in columns of text, or of doubles that are read already."""

    names: list[str]
    columns: list[list[str] | np.ndarray[Any, Any]]
    rows: int

    def typed(self, model: Model) -> Any:
        """What the model gets: a Table, arrays, or a DataFrame whose dtypes pandas infers.

        They are inferred for a model without a signature, and for one with type hints, which checks its data itself.
        Raises SchemaMismatch for what does not fit.
        """
        schema = model.get_input_schema()
        if schema is None or model.is_signature_from_type_hint:
            return self._inferred({} if schema is None else _dtypes(schema))
        texts = {name for name, dtype in _dtypes(schema).items() if dtype.kind in "US"}
        marks = [_EMPTY if texts & {name, at} else _MISSING for at, name in enumerate(self.names)]
        marked = zip(self.columns, marks, strict=True)
        cells = [
            column if isinstance(column, np.ndarray) else [None if cell in mark else cell for cell in column]
            for column, mark in marked
        ]
        if schema.is_tensor_spec():
            return enforce_tensor_columns(self.names, cells, schema, source=Source.TEXT)
        return enforce_table(self.names, cells, schema, source=Source.TEXT)

    def _inferred(self, told: dict[Hashable, np.dtype[Any]]) -> pd.DataFrame:
        """The frame that pandas reads; it is told some dtypes, by name or position, as MLflow tells it."""
        import pandas as pd

        text = io.StringIO(newline="")
        csv.writer(text).writerows([self.names, *zip(*self.columns, strict=True)])
        text.seek(0)
        dtypes = {name: str if dtype.kind in "US" else dtype for name, dtype in told.items() if dtype.kind != "M"}
        try:
            return pd.read_csv(text, index_col=False, dtype=dtypes)
        except (ValueError, TypeError, OverflowError) as error:
            raise MalformedPayload("pandas cannot read the CSV input") from error


def _dtypes(schema: Schema) -> dict[Hashable, np.dtype[Any]]:
    """The dtypes of columns that are not nested, by name, or by position where they have none."""
    kinds = zip(schema.input_names(), schema.input_types(), strict=True)
    dtypes = {name: getattr(kind, "numpy", kind) for name, kind in kinds}
    return {name: dtype for name, dtype in dtypes.items() if isinstance(dtype, np.dtype)}


class Reader:
    """Reads the header of a CSV text, then its rows by the chunk; ``lines`` are the text, usually an open file.

    ``line`` is how many lines of the file are not among them. An empty name becomes ``Unnamed: N``, as pandas calls it.
    Raises MalformedPayload, with the number of the line, for a header that is missing or has a name twice, and for rows
    of another length.
    """

    def __init__(self, lines: Iterable[str], limits: Limits, *, line: int = 0) -> None:
        self._rows = csv.reader(lines, strict=True)
        self._limits = limits
        self._before = line
        header = next(self._filled(0), None)
        if header is None:
            raise MalformedPayload("the CSV input is empty", tip="send a header line, then a line for each row")
        self.names = [name or f"Unnamed: {at}" for at, name in enumerate(header)]
        limits.check_table(0, len(self.names))
        name, count = Counter(self.names).most_common(1)[0]
        if count > 1:
            raise MalformedPayload(f"the header in line {self.line} has {name[:_SHOWN]!r} twice")

    @property
    def line(self) -> int:
        """The number of the line that was read last."""
        return self._before + self._rows.line_num

    def read(self, most: int | None = None) -> TextTable:
        """The next rows, up to ``most`` or all; none after the last. Raises LimitExceeded for too many cells."""
        width = len(self.names)
        rows: list[list[str]] = []
        for row in islice(self._filled(width), most):
            if len(row) != width:
                raise MalformedPayload(f"the row in line {self.line} has {len(row)} cells, the header has {width}")
            rows.append(row)
            self._limits.check_table(len(rows), width)
        columns: list[Any] = list(map(list, zip(*rows, strict=True))) or [[] for _ in self.names]
        return TextTable(self.names, columns, len(rows))

    def _filled(self, width: int) -> Iterator[list[str]]:
        try:
            for row in self._rows:
                if is_row(row, width):
                    yield row
        except csv.Error as error:
            raise MalformedPayload(f"line {self.line} is not CSV: {error}") from None


def is_row(row: list[str], width: int) -> bool:
    """Whether cells are a row of a table of that width: a line that is empty is none, nor is one of spaces, unless
    that can be a cell."""
    return len(row) > 1 or bool(row and (width == 1 or row[0].strip()))


def checked(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a text; raises MalformedPayload, with the number of the line, where they are not text."""
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            if "\0" in line:
                raise MalformedPayload(f"line {number} of the CSV input has a NUL character")
            yield line
    except UnicodeDecodeError:
        raise MalformedPayload(f"the CSV input is not UTF-8 somewhere after line {number}") from None
