"""Data under ``inputs`` and ``instances``: values, lists, objects of lists, lists of objects.

Source of what they mean: MLflow 3.17, ``parse_tf_serving_input``, followed by the enforcement of the signature.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from mlpack.containers import columns_of
from mlpack.datatypes import AnyType, Array, Map, Object
from mlpack.enforcement import Source, enforce_table, enforce_tensors
from mlpack.errors import MalformedPayload
from mlpack.payloads.limits import Limits
from mlpack.payloads.matrix import columns_of_numbers
from mlpack.payloads.tabular import Rows, read_records
from mlpack.schema import Schema, TensorSpec
from mlpack.table import Table
from mlpack.values import Values, objects

INSTANCES = "instances"
_EMPTY = np.array([])
_CHAR_BYTES = 4


def read_values(key: str, value: Any, schema: Schema | None, limits: Limits) -> Any:
    """What the model gets from ``inputs`` or ``instances``: a Table, arrays, or without schema what numpy makes.

    Raises:
        MalformedPayload: lists of different length, rows of different keys.
        SchemaMismatch: what does not fit the schema.
        LimitExceeded: too many columns or cells, too much text for an array.
    """
    records = None
    if isinstance(value, list) and value and isinstance(value[0], dict):
        records = read_records(value, limits, schema, key)  # refuses rows of different keys
    if schema is not None and not schema.is_tensor_spec():
        return _table(key, value, schema, limits, records)
    if key == INSTANCES and records is not None:
        value = dict(zip(value[0], records.columns, strict=True))
    elif key == INSTANCES and isinstance(value, dict):
        _check_lengths(value, schema)
    arrays = _inferred(key, value, limits) if schema is None else _tensors(value, schema, limits)
    if not isinstance(arrays, list):
        size = sum(map(np.size, arrays.values() if isinstance(arrays, dict) else [arrays]))
        limits.check("cells", "the number of values", size)
    return arrays


def _table(key: str, value: Any, schema: Schema, limits: Limits, records: Rows | None) -> Table:
    """A table. A list that is not of rows is the column where there is only one."""
    named = schema.has_input_names()
    if (
        key == INSTANCES
        and records is not None
        and any(isinstance(each, (Array, Object, Map)) for each in schema.input_types())
    ):
        tip = "send the rows under dataframe_records"
        raise MalformedPayload("instances turns rows into columns, which nested columns cannot take", tip=tip)
    if isinstance(value, dict) and not named:
        raise MalformedPayload(f"the model's columns have no names: {key} must be a list, or a single value", field=key)
    if named and len(schema) == 1 and isinstance(value, list) and records is None:
        value = {schema.input_names()[0]: value}
    if isinstance(value, dict) and _is_one_row(value, schema):
        value = [value]
    names, columns = _columns(value, schema) if records is None else (records.names, records.columns)
    limits.check_table(len(columns[0]) if columns else 0, len(columns))
    types = dict(zip(schema.input_names(), schema.input_types(), strict=True))
    labels = names if names is not None and named else range(len(columns))
    columns = [_with_arrays(column, types.get(label), limits) for label, column in zip(labels, columns, strict=True)]
    return enforce_table(names, columns, schema, source=Source.JSON)


def _columns(value: Any, schema: Schema) -> tuple[Sequence[Hashable] | None, Sequence[Values]]:
    rows = value if isinstance(value, list) and set(map(type, value)) == {list} else []
    matrix = columns_of_numbers(rows, schema)
    return columns_of(value, schema) if matrix is None else (None, matrix)


def _is_one_row(value: dict[str, Any], schema: Schema) -> bool:
    """Whether an object is a row: in columns of any type MLflow takes lists of text for values, no other lists."""
    anything = {spec.name for spec in schema.columns if isinstance(spec.type, AnyType)}
    return bool(anything) and all(
        name in anything and all(isinstance(each, str) for each in item) if isinstance(item, list) else True
        for name, item in value.items()
    )


def _with_arrays(column: Any, to: Any, limits: Limits) -> Any:
    """A column whose cells are numpy arrays where its type is one of arrays: models get them from these two forms."""
    if not isinstance(to, Array):
        return column
    _check_text(column, limits)
    return [_as_array(cell, to) for cell in column]


def _as_array(cell: Any, to: Array) -> Any:
    if not isinstance(cell, list):
        return cell
    inner = to.dtype
    return objects([_as_array(item, inner) for item in cell] if isinstance(inner, Array) else cell) if cell else _EMPTY


def _check_lengths(value: dict[str, Any], schema: Schema | None) -> None:
    names = value.keys() if schema is None else value.keys() & set(schema.input_names())
    lengths = {len(value[name]) if isinstance(value[name], list) else None for name in names}
    if None in lengths or len(lengths) > 1:
        raise MalformedPayload("instances must hold lists of the same length", field=INSTANCES)


def _tensors(value: Any, schema: Schema, limits: Limits) -> Any:
    if any(spec.type.kind in "US" for spec in schema.tensors):
        _check_text(value.values() if isinstance(value, dict) else [value], limits)
    if not schema.has_input_names():
        value = _as_tensor(value, schema.tensors[0])
    elif isinstance(value, dict):
        value = {spec.name: _as_tensor(value[spec.name], spec) for spec in schema.tensors if spec.name in value}
    return enforce_tensors(value, schema, source=Source.JSON)


def _as_tensor(value: Any, spec: TensorSpec) -> Any:
    """The same as an array for a tensor of objects, whose shape numpy finds, and for one without a dimension."""
    scalar = isinstance(value, (str, int, float))
    if spec.type.kind == "O" and (scalar or isinstance(value, list)):
        return np.array(value, object)
    return np.array(value) if scalar else value


def _inferred(key: str, value: Any, limits: Limits) -> Any:
    """Without a schema: numpy infers dtypes; objects keep their keys."""
    rows = value if isinstance(value, list) and all(isinstance(row, dict) for row in value) else None
    if rows is not None:
        _check_text(chain.from_iterable(row.values() for row in rows), limits)
    else:
        _check_text(value.values() if isinstance(value, dict) else [value], limits)
    try:
        if rows is not None:
            return [{name: np.array(item) for name, item in row.items()} for row in rows]
        if isinstance(value, dict):
            return {name: np.array(item) for name, item in value.items()}
        return np.array(value)
    except ValueError:
        raise MalformedPayload(f"{key} holds lists of different lengths", field=key) from None


def _check_text(values: Iterable[Any], limits: Limits) -> None:
    """Refuse text that arrays, one for each value, could hold only at the cost of the longest for every element."""
    size = 0
    for value in values:
        level, leaves, longest = [value], 0, 0
        while level:
            longest = max(longest, max((len(item) for item in level if isinstance(item, str)), default=0))
            nested = [item for item in level if isinstance(item, list)]
            leaves += len(level) - len(nested)
            level = list(chain.from_iterable(nested))
        size += _CHAR_BYTES * longest * leaves
        limits.check("array_bytes", "the size of the text in arrays", size)
