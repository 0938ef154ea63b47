"""Small JSON tables in their most usual forms, read without a step per column: what most requests are.

What is read here needs no conversion that could fail; everything else, and everything wrong, is left to the whole
decoder (:func:`mlpack.payloads.decode`), whose answer it is in any case. So there is one set of rules and of errors.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import orjson

from mlpack.datatypes import DataType
from mlpack.payloads.json_body import RECORDS, SPLIT
from mlpack.payloads.json_text import may_have_long_numbers
from mlpack.payloads.limits import Limits
from mlpack.schema import Schema
from mlpack.table import Table

#: Up to here every integer is a float of its own, and every float that JSON gives is a number that came exactly so.
_EXACT = 2.0**53
_NONE = type(None)
#: The types of JSON values that a column takes without a conversion, the usual one first, and how large they may be.
_TAKES: dict[Any, tuple[tuple[type, ...], float]] = {
    DataType.double: ((float, int, _NONE), _EXACT),
    DataType.long: ((int,), _EXACT),
    DataType.integer: ((int,), 2**31),
    DataType.boolean: ((bool,), 0),
    DataType.string: ((str, _NONE), 0),
}
#: The nesting of the forms that are read here.
_DEPTH = 4


@dataclass(slots=True)
class Cells:
    """Rows of Python values that fit the columns of ``reader``'s signature, not yet turned into columns."""

    reader: CellReader
    data: list[Any]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.data)

    @property
    def likeness(self) -> Hashable:
        """What tables must have in common with this one to be joined with it."""
        return self.reader.likeness_of(self.data)

    def table(self) -> Table:
        """The rows as a table, as the whole decoder makes it."""
        return self.reader.table(self.data)

    def together(self, parts: Sequence[Cells]) -> Table:
        """The rows of all ``parts`` as one table."""
        return self.reader.table(list(chain.from_iterable([part.data for part in parts])))


class CellReader:
    """Reads bodies with all the columns of one signature, which have names and are numbers, booleans and text."""

    def __init__(self, schema: Schema, limits: Limits) -> None:
        types = schema.input_types()
        self._names = schema.input_names()
        self._dtypes = [np.dtype(object) if each is DataType.string else each.numpy for each in types]
        self._takes = [_TAKES[each][0] for each in types]
        self._usual = tuple(takes[0] for takes in self._takes)
        self._bounds = [(at, _TAKES[each][1]) for at, each in enumerate(types) if _TAKES[each][1]]
        self._numbers = all(each is DataType.double for each in types)
        self._texts = [at for at, each in enumerate(types) if each is DataType.string]
        self._limits = limits
        self._likeness = (tuple(self._names), tuple(self._dtypes)), ()

    @classmethod
    def of(cls, schema: Schema | None, limits: Limits) -> CellReader | None:
        """A reader for that signature, or None where it has columns, or limits are such, as are not read here."""
        if schema is None or schema.is_tensor_spec() or limits.json_depth < _DEPTH:
            return None
        known = all(spec.type in _TAKES and type(spec.name) is str for spec in schema.columns)
        return cls(schema, limits) if known and len(schema) <= limits.columns else None

    def read(self, body: bytes) -> Cells | None:
        """The rows under ``dataframe_split`` or ``dataframe_records``, or None: decode the body whole then."""
        if len(body) > self._limits.number_chars and may_have_long_numbers(body, self._limits):
            return None
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            return None
        if type(document) is not dict or len(document) != 1:
            return None
        rows = self._split(document.get(SPLIT)) or self._records(document.get(RECORDS))
        if not rows or len(rows) * len(self._names) > self._limits.cells or not all(map(self._fits, rows)):
            return None
        return Cells(self, rows)

    def likeness_of(self, rows: list[Any]) -> Hashable:
        """Names and dtypes of the columns, and for each column of text whether there is none in it."""
        if not self._texts:
            return self._likeness
        return self._likeness[0], tuple([all(row[at] is None for row in rows) for at in self._texts])

    def table(self, rows: list[Any]) -> Table:
        """Rows that fit, as the table that the whole decoder makes of them."""
        if self._numbers:
            columns = list(np.array(rows, np.float64).T.copy())
        else:
            turned = zip(zip(*rows, strict=True), self._dtypes, strict=True)
            columns = [np.array(cells, dtype) for cells, dtype in turned]
        return Table(tuple(self._names), columns, len(rows))

    def _split(self, value: Any) -> Any:
        if type(value) is not dict or len(value) != 2 or value.get("columns") != self._names:
            return None
        data = value.get("data")
        return data if type(data) is list else None

    def _records(self, value: Any) -> Any:
        if type(value) is not list or not all(type(row) is dict and len(row) == len(self._names) for row in value):
            return None
        try:
            return [[row[name] for name in self._names] for row in value]
        except KeyError:
            return None

    def _fits(self, row: Any) -> bool:
        """Whether a row has for each column a value that it takes without any conversion."""
        if type(row) is not list or len(row) != len(self._usual):
            return False
        usual = tuple(map(type, row)) == self._usual
        if not usual and not all(type(cell) in takes for cell, takes in zip(row, self._takes, strict=True)):
            return False
        if self._numbers and (usual or None not in row):
            return math.hypot(*row) < _EXACT  # then each of them is: what is quickest to compute for all at once
        return all(row[at] is None or -bound < row[at] < bound for at, bound in self._bounds)
