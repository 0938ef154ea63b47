"""Tables in JSON: ``dataframe_split`` and ``dataframe_records``, to columns without a detour through pandas."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from mlpack.enforcement import Source, enforce_table, enforce_tensor_columns
from mlpack.errors import MalformedPayload
from mlpack.payloads.limits import Limits
from mlpack.payloads.matrix import columns_of_numbers
from mlpack.schema import Schema
from mlpack.values import Values

_SPLIT_KEYS = {"columns", "index", "data"}
_LABELS = frozenset({str, int, float, bool, type(None)})
_SHOWN = 200


@dataclass(slots=True)
class Rows:
    """A table as it came: ``names`` is None where it has none, ``data`` are its rows, ``columns`` the same turned.

    Columns are arrays where that makes no difference to the schema that they were read for.
    """

    names: list[Hashable] | None
    columns: list[Values]
    data: list[Any] | np.ndarray[Any, Any]
    index: list[Any] | None = None

    def typed(self, schema: Schema | None) -> Any:
        """What the model gets: a Table for columns, arrays for tensors, a DataFrame as pandas infers it for no schema.

        Raises SchemaMismatch for what does not fit.
        """
        if schema is None:
            return self._inferred()
        if schema.is_tensor_spec():
            return enforce_tensor_columns(self.names, self.columns, schema, source=Source.JSON)
        return enforce_table(self.names, self.columns, schema, source=Source.JSON, index=self.index)

    def _inferred(self) -> Any:
        import pandas as pd

        arrays = bool(self.columns) and isinstance(self.columns[0], np.ndarray)
        try:
            return pd.DataFrame(np.array(self.columns).T if arrays else self.data, self.index, self.names)
        except (ValueError, TypeError, OverflowError) as error:
            raise MalformedPayload("pandas cannot make a table of this, and the model has no signature") from error


def read_split(value: Any, limits: Limits, schema: Schema | None) -> Rows:
    """The table under ``dataframe_split``: an object with ``data``, and maybe ``columns`` and ``index``.

    Its columns are for that schema.

    Raises:
        MalformedPayload: other keys, rows of different length, as many names or labels as there should not be.
        LimitExceeded: too many columns or cells.
    """
    if not isinstance(value, dict):
        raise MalformedPayload("dataframe_split must be an object with columns and data")
    if not value.keys() <= _SPLIT_KEYS:
        unknown = str(min(value.keys() - _SPLIT_KEYS))
        raise MalformedPayload(f"dataframe_split has an unknown key: {unknown[:_SHOWN]!r}")
    if "data" not in value:
        raise MalformedPayload("dataframe_split.data is missing")
    rows = _turned(value["data"], "dataframe_split.data", limits, schema)
    names, index = value.get("columns"), value.get("index")
    if names is not None:
        _give_names(rows, _labels(names, "dataframe_split.columns"), limits)
    if index is not None:
        rows.index = _labels(index, "dataframe_split.index")
        if len(index) != len(rows.data):
            raise MalformedPayload(f"dataframe_split.index has {len(index)} labels for {len(rows.data)} rows")
    return rows


def read_records(value: Any, limits: Limits, schema: Schema | None, key: str = "dataframe_records") -> Rows:
    """The table in a list of rows, which are objects of the same keys, in columns for that schema.

    Raises:
        MalformedPayload: not a list, or a row that differs from the first in its keys or its length.
        LimitExceeded: too many columns or cells.
    """
    return _turned(value, key, limits, schema)


def _turned(value: Any, where: str, limits: Limits, schema: Schema | None) -> Rows:
    if isinstance(value, np.ndarray):
        limits.check_table(*value.shape)
        return Rows(None, list(np.ascontiguousarray(value.T)), value)
    data = _list(value, where)
    first = data[0] if data else None
    if isinstance(first, dict):
        return _turned_records(data, first, where, limits, schema)
    if not isinstance(first, list):
        limits.check_table(len(data), 1)
        _check_rows(data, lambda row: not isinstance(row, (dict, list)), where, "not a single value like the first")
        return Rows(None, [data] if data else [], data)
    width = len(first)
    limits.check_table(len(data), width)
    if len(data) == 1:
        return Rows(None, [[cell] for cell in first], data)
    _check_rows(data, lambda row: isinstance(row, list) and len(row) == width, where, f"not a list of {width} values")
    return Rows(None, _columns(data, schema), data)


def _turned_records(data: list[Any], first: dict[str, Any], where: str, limits: Limits, schema: Schema | None) -> Rows:
    keys = first.keys()
    limits.check_table(len(data), len(keys))
    _check_rows(data, lambda row: isinstance(row, dict) and row.keys() == keys, where, "without the keys of the first")
    names = list(keys)
    if len(names) < 2:
        return Rows(list(names), [[row[name] for row in data] for name in names], data)
    return Rows(list(names), _columns(list(map(itemgetter(*names), data)), schema), data)


def _columns(rows: list[Any], schema: Schema | None) -> list[Values]:
    """The columns of rows of equal length, which is not 0."""
    arrays = columns_of_numbers(rows, schema)
    return list(map(list, zip(*rows, strict=True))) if arrays is None else list(arrays)


def _check_rows(data: list[Any], fits: Any, where: str, fault: str) -> None:
    if not all(map(fits, data)):
        row = next(row for row, value in enumerate(data) if not fits(value))
        raise MalformedPayload(f"{where}: row {row} is {fault}", field=where)


def _give_names(rows: Rows, names: list[Any], limits: Limits) -> None:
    """Name the columns; where rows are objects the names choose among their keys."""
    if not len(rows.data):
        limits.check_table(0, len(names))
        rows.columns = [[] for _ in names]
    elif rows.names is not None:
        known = dict(zip(rows.names, rows.columns, strict=True))
        if not known.keys() >= set(names):
            raise MalformedPayload("dataframe_split.columns has names that the rows in data do not have")
        rows.columns = [known[name] for name in names]
    if len(names) != len(rows.columns):
        raise MalformedPayload(f"dataframe_split.columns has {len(names)} names for {len(rows.columns)} columns")
    rows.names = names


def _labels(value: Any, where: str) -> list[Any]:
    labels = _list(value, where)
    if not _LABELS.issuperset(map(type, labels)):
        raise MalformedPayload(f"{where} must be a list of texts or numbers", field=where)
    return labels


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedPayload(f"{where} must be a list", field=where)
    return value
