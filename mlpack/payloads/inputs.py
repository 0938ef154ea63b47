"""Data under ``inputs`` and ``instances``: values, lists, objects of lists, lists of objects.

Source of what they mean: MLflow 3.17, ``parse_tf_serving_input``, followed by the enforcement of the signature.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

from mlpack.containers import columns_of
from mlpack.datatypes import AnyType, Array, DataType, Map, Object
from mlpack.enforcement import Source, enforce_table, enforce_tensors
from mlpack.errors import MalformedPayload
from mlpack.payloads.limits import Limits
from mlpack.payloads.tabular import read_records
from mlpack.schema import Schema, TensorSpec
from mlpack.table import Table
from mlpack.values import objects

INSTANCES = "instances"
_EMPTY = np.array([])


def read_values(key: str, value: Any, schema: Schema | None, limits: Limits) -> Any:
    """What the model gets from ``inputs`` or ``instances``: a Table, arrays, or without schema what numpy makes.

    Raises:
        MalformedPayload: lists of different length, rows of different keys.
        SchemaMismatch: what does not fit the schema.
        LimitExceeded: too many columns or cells, too much text for an array.
    """
    if _is_records(value):
        read_records(value, limits, key)  # refuses rows of different keys
    elif key == INSTANCES and isinstance(value, dict):
        _check_lengths(value, schema)
    if schema is not None and all(isinstance(each, DataType) for each in schema.input_types()):
        return _columns(key, value, schema, limits)
    _check_text(value, limits)
    if schema is None:
        return _arrays(key, value)
    if not schema.is_tensor_spec():
        return _columns(key, value, schema, limits)
    if key == INSTANCES and schema.has_input_names() and _is_records(value):
        value = {name: [row[name] for row in value] for name in value[0]}
    return enforce_tensors(_prepared(value, schema), schema, source=Source.JSON)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _check_lengths(value: dict[str, Any], schema: Schema | None) -> None:
    """Refuse columns of different length; those of a schema with columns are looked at later."""
    names = value.keys() if schema is None else value.keys() & {spec.name for spec in schema if schema.is_tensor_spec()}
    lengths = {len(value[name]) if isinstance(value[name], list) else None for name in names}
    if None in lengths or len(lengths) > 1:
        raise MalformedPayload("instances must hold lists of the same length", field=INSTANCES)


def _columns(key: str, value: Any, schema: Schema, limits: Limits) -> Table:
    """A table. A list that is not of rows is the column where there is only one."""
    if key == INSTANCES and _is_records(value) and _is_nested(schema):
        tip = "send the rows under dataframe_records"
        raise MalformedPayload("instances turns rows into columns, which nested columns cannot take", tip=tip)
    if isinstance(value, dict) and not schema.has_input_names():
        raise MalformedPayload(f"the model's columns have no names: {key} must be a list, or a single value", field=key)
    if schema.has_input_names() and len(schema) == 1 and isinstance(value, list) and not _is_records(value):
        value = {schema.input_names()[0]: value}
    if isinstance(value, dict) and _is_one_row(value, schema):
        value = [value]
    names, columns = columns_of(value, schema)
    limits.check_table(len(columns[0]) if columns else 0, len(columns))
    types = dict(zip(schema.input_names(), schema.input_types(), strict=True))
    labels = names if names is not None and schema.has_input_names() else range(len(columns))
    columns = [
        [_as_array(cell, types[label]) for cell in column] if isinstance(types.get(label), Array) else column
        for label, column in zip(labels, columns, strict=True)
    ]
    return enforce_table(names, columns, schema, source=Source.JSON)


def _is_one_row(value: dict[str, Any], schema: Schema) -> bool:
    """Whether an object is a row: in columns of any type MLflow takes lists of text for values, no other lists."""
    anything = {spec.name for spec in schema.columns if isinstance(spec.type, AnyType)}
    return bool(anything) and all(
        name in anything and all(isinstance(each, str) for each in item) if isinstance(item, list) else True
        for name, item in value.items()
    )


def _as_array(cell: Any, to: Array) -> Any:
    """A cell of an array column as a numpy array, which is what models get from these two forms."""
    if not isinstance(cell, list):
        return cell
    inner = to.dtype
    return objects([_as_array(item, inner) for item in cell] if isinstance(inner, Array) else cell) if cell else _EMPTY


def _prepared(value: Any, schema: Schema) -> Any:
    """The same with arrays for tensors of objects, whose shape numpy finds, and for those without a dimension."""
    specs = schema.tensors
    if not schema.has_input_names():
        return _as_tensor(value, specs[0])
    if not isinstance(value, dict):
        return value
    return {spec.name: _as_tensor(value[spec.name], spec) for spec in specs if spec.name in value}


def _as_tensor(value: Any, spec: TensorSpec) -> Any:
    if isinstance(value, list):
        return np.array(value, object) if spec.type.kind == "O" else value
    return np.array(value) if isinstance(value, (str, int, float)) else value


def _is_nested(schema: Schema) -> bool:
    return any(isinstance(each.type, (Array, Object, Map)) for each in schema.columns)


def _arrays(key: str, value: Any) -> Any:
    """Without a schema: numpy infers dtypes; objects keep their keys."""
    try:
        if key == INSTANCES and _is_records(value):
            return {name: np.array([np.array(row[name]) for row in value]) for name in value[0]}
        if isinstance(value, dict):
            return {name: np.array(item) for name, item in value.items()}
        if isinstance(value, list) and all(isinstance(row, dict) for row in value):
            return [{name: np.array(item) for name, item in row.items()} for row in value]
        return np.array(value)
    except ValueError:
        raise MalformedPayload(f"{key} holds lists of different lengths", field=key) from None


def _check_text(value: Any, limits: Limits) -> None:
    """Refuse text that an array could hold only at the cost of the longest for every element."""
    level, leaves, longest = [value], 0, 0
    while level:
        longest = max(longest, max((len(item) for item in level if isinstance(item, str)), default=0))
        nested = [item for item in level if isinstance(item, (list, dict))]
        leaves += len(level) - len(nested)
        level = list(chain.from_iterable(item.values() if isinstance(item, dict) else item for item in nested))
    limits.check("cells", "the number of values", leaves)
    limits.check("array_bytes", "the size of the text in an array", 4 * longest * leaves)
