"""Schemas from examples: the ones that MLflow infers, for numpy, pandas, scipy, lists, dictionaries and scalars."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import reduce
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpack.containers import as_array
from mlpack.datatypes import AnyType, Array, ColumnType, DataType, Map, Object, Property, SparkMLVector, Vector
from mlpack.errors import InvalidArgument
from mlpack.schema import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

_SCALARS: dict[type, DataType] = {
    bool: DataType.boolean,
    np.bool_: DataType.boolean,
    int: DataType.long,
    np.int64: DataType.long,
    np.int32: DataType.integer,
    float: DataType.double,
    np.float64: DataType.double,
    np.float32: DataType.float,
    str: DataType.string,
    np.str_: DataType.string,
    object: DataType.string,
    bytes: DataType.binary,
    np.bytes_: DataType.binary,
    bytearray: DataType.binary,
    date: DataType.datetime,
    datetime: DataType.datetime,
    np.datetime64: DataType.datetime,
}


class _Unknown(Exception):
    """No type describes the data."""


def infer_schema(data: Any) -> Schema:
    """The schema of an example; one unnamed column of type any, and a warning in the log, where none describes it."""
    try:
        return _schema(as_array(data))
    except (_Unknown, InvalidArgument, TypeError, ValueError, AttributeError, RecursionError) as error:
        _log.warning("no schema describes the example, its type will be 'any': %s", error)
        return Schema([ColSpec(AnyType())])


def _schema(data: Any) -> Schema:
    if isinstance(data, np.ndarray):
        return Schema([_tensor(data)])
    if _is_sparse(data):
        return Schema([TensorSpec(data.dtype, _free(data.shape))])
    if isinstance(data, Mapping):
        return Schema(_of_dict(data))
    if isinstance(data, list):
        return Schema(_of_list(data))
    if hasattr(data, "iloc"):
        return Schema(_of_pandas(data))
    return Schema([ColSpec(_known(_type_of(data)))])


def _is_sparse(data: Any) -> bool:
    scipy = sys.modules.get("scipy.sparse")
    return scipy is not None and isinstance(data, (scipy.csr_matrix, scipy.csc_matrix))


def _tensor(array: np.ndarray[Any, Any], name: Any = None) -> TensorSpec:
    return TensorSpec(array.dtype, _free(array.shape), name)


def _free(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a tensor with any number of rows."""
    if not shape:
        raise _Unknown("an array without a dimension")
    return (-1, *shape[1:])


def _of_dict(data: Mapping[Any, Any]) -> list[TensorSpec] | list[ColSpec]:
    if all(isinstance(value, np.ndarray) for value in data.values()):
        return [_tensor(value, name) for name, value in data.items()]
    if not all(isinstance(name, str) for name in data):
        raise _Unknown("a dictionary whose keys are not all text")
    return [ColSpec(_known(_type_of(value)), name, _never_missing(value)) for name, value in data.items()]


def _of_list(data: list[Any]) -> list[ColSpec]:
    if not data:
        return [ColSpec(DataType.string)]
    if not all(isinstance(row, dict) for row in data):
        return [ColSpec(_item_type(data))]
    columns: dict[Any, list[Any]] = {}
    for row in data:
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    return [
        ColSpec(_item_type(values), name, all(row.get(name) is not None for row in data))
        for name, values in columns.items()
    ]


def _of_pandas(data: Any) -> list[ColSpec]:
    if data.ndim == 1:
        return [_column(data, data.name)]
    return [_column(data[name], name) for name in data.columns]


def _column(series: pd.Series[Any], name: Any) -> ColSpec:
    return ColSpec(_pandas_type(series), name, _never_missing(series.tolist()))


def _pandas_type(series: pd.Series[Any]) -> ColumnType:
    if series.dtype.kind == "O":
        series = series.infer_objects()
    if series.dtype.kind != "O":
        return _numpy_type(series.dtype)
    if series.empty and str(series.dtype) in {"object", "str", "string"}:
        return DataType.string
    return _item_type(series.tolist())


def _numpy_type(dtype: Any) -> DataType:
    """The column type of a numpy dtype, or of a pandas dtype of the same kind and size."""
    kind, size = dtype.kind, dtype.itemsize
    if kind in "iu":
        needed = size if kind == "i" else size + 1
        if needed <= 8:
            return DataType.integer if needed <= 4 else DataType.long
    if kind == "f" and size <= 8:
        return DataType.float if size <= 4 else DataType.double
    if kind in _KINDS:
        return _KINDS[kind]
    raise _Unknown(f"values of dtype {dtype}")


_KINDS = {"b": DataType.boolean, "U": DataType.string, "S": DataType.binary, "M": DataType.datetime}


def _never_missing(value: Any) -> bool:
    return not any(map(_is_missing, value)) if isinstance(value, list) else not _is_missing(value)


def _is_missing(value: Any) -> bool:
    """None, a Python float that is NaN, NA or NaT; MLflow takes a float32 NaN for a number."""
    if isinstance(value, float):
        return isnan(value)
    return value is None or type(value).__name__ in {"NAType", "NaTType"}


def _type_of(value: Any) -> ColumnType | None:
    """The type of one value; None for an array without items, which says nothing, while an empty list is of any."""
    if _is_missing(value) or (isinstance(value, (list, dict)) and not value):
        return AnyType()
    if isinstance(value, dict):
        types = {name: _known(_type_of(item)) for name, item in value.items()}
        return Object([Property(name, each, not isinstance(each, AnyType)) for name, each in types.items()])
    if isinstance(value, Vector):
        return SparkMLVector()
    if isinstance(value, (list, np.ndarray)):
        item = _merged(map(_type_of, value))
        return None if item is None else Array(item)
    if type(value) in _SCALARS:
        return _SCALARS[type(value)]
    raise _Unknown(f"a value of type {type(value).__name__}")


def _known(found: ColumnType | None) -> ColumnType:
    if found is None:
        raise _Unknown("an array without items")
    return found


def _item_type(values: list[Any]) -> ColumnType:
    """The one type of all the values of a column."""
    return _known(_merged(map(_type_of, values)))


def _merged(types: Iterable[ColumnType | None]) -> ColumnType | None:
    """The type that all of these are; None where nothing is known."""
    known = [each for each in types if each is not None]
    return reduce(_merge, known) if known else None


def _merge(one: ColumnType, other: ColumnType) -> ColumnType:
    """The type of two values; what only one object has, or what is null in one, is optional."""
    if one == other:
        return one
    if isinstance(one, AnyType) or isinstance(other, AnyType):
        return _all_optional(other if isinstance(one, AnyType) else one)
    if isinstance(one, Array) and isinstance(other, Array):
        return Array(_merge(one.dtype, other.dtype))
    if isinstance(one, Map) and isinstance(other, Map):
        return Map(_merge(one.value_type, other.value_type))
    if isinstance(one, Object) and isinstance(other, Object):
        return _merge_objects(one, other)
    raise _Unknown(f"values of different types: {one!r} and {other!r}")


def _all_optional(of: ColumnType) -> ColumnType:
    if not isinstance(of, Object):
        return of
    return Object([Property(each.name, each.dtype, False) for each in of.properties])


def _merge_objects(one: Object, other: Object) -> Object:
    mine, theirs = ({each.name: each for each in of.properties} for of in (one, other))
    merged = []
    for name in mine | theirs:
        first, second = mine.get(name), theirs.get(name)
        if first and second:
            merged.append(Property(name, _merge(first.dtype, second.dtype), first.required and second.required))
        else:
            merged.append(Property(name, (mine | theirs)[name].dtype, False))
    return Object(merged)


def infer_params(params: Mapping[str, Any]) -> ParamSchema:
    """The schema of parameters, these values being the defaults; raises InvalidArgument where one has no type."""
    if not isinstance(params, Mapping):
        raise InvalidArgument(f"params is a dictionary, got {type(params).__name__}")
    return ParamSchema([_param(name, value) for name, value in params.items()])


def _param(name: str, value: Any) -> ParamSpec:
    try:
        if isinstance(value, (list, np.ndarray)):
            dates = all(type(item) in _DATES for item in value)
            return ParamSpec(name, DataType.datetime if dates else _numpy_type(np.array(value).dtype), value, (-1,))
        if isinstance(value, dict):
            return ParamSpec(name, _type_of(value), value)  # type: ignore[arg-type]
        if type(value) in _DATES:
            return ParamSpec(name, DataType.datetime, value)
        if np.isscalar(value):
            return ParamSpec(name, _numpy_type(np.array(value).dtype), value)
    except (_Unknown, InvalidArgument, ValueError, TypeError) as error:
        raise InvalidArgument(f"the parameter {name!r} has no type: {error}") from error
    raise InvalidArgument(f"the parameter {name!r} has no type: a value of type {type(value).__name__}")


_DATES = {of for of, name in _SCALARS.items() if name is DataType.datetime}
