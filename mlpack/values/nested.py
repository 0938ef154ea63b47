"""Arrays, objects and maps: each leaf is converted as a value of a column is, the containers stay what they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpack.datatypes import AnyType, Array, ColumnType, DataType, Map, Object
from mlpack.values.convert import convert
from mlpack.values.kinds import Misfit, Source, is_missing, kind_of
from mlpack.values.numbers import NDArray
from mlpack.values.text import objects


def nest(value: Any, to: ColumnType, source: Source, required: bool = True) -> Any:
    """A value in the type `to`; raises Misfit with the path to what does not fit.

    A scalar becomes one of numpy (text, bytes and Timestamp aside), a list stays a list and an array an array. Where a
    value is optional null is let through, and what it contains is optional too.
    """
    if isinstance(to, AnyType):
        return value
    if isinstance(to, DataType):
        return _scalar(value, to, source, required)
    if value is None and (not required or _of_any(to)):
        return None
    if isinstance(to, Array):
        return _array(value, to, source, required)
    if not isinstance(value, dict):
        raise Misfit(kind_of(value), expected=repr(to))
    return _map(value, to, source, required) if isinstance(to, Map) else _object(value, to, source, required)


def _of_any(to: Array | Object | Map) -> bool:
    return isinstance(to.dtype if isinstance(to, Array) else getattr(to, "value_type", None), AnyType)


def _scalar(value: Any, to: DataType, source: Source, required: bool) -> Any:
    if value is None or (not required and is_missing(value)):
        if required:
            raise Misfit(kind_of(value), expected=to.name)
        return None
    try:
        item = convert([value], to, source)[0]
    except Misfit as misfit:
        misfit.row = None
        raise misfit.inside("", to.name) from None
    return _timestamp(item) if to is DataType.datetime else item


def _array(value: Any, to: Array, source: Source, required: bool) -> Any:
    if not isinstance(value, (list, np.ndarray)) or (isinstance(value, np.ndarray) and value.ndim == 0):
        raise Misfit(kind_of(value), expected=repr(to))
    if len(value) == 0:
        return value
    if isinstance(to.dtype, DataType):
        try:
            items = convert(value, to.dtype, source)
        except Misfit as misfit:
            step = "" if misfit.row is None else f"[{misfit.row}]"
            misfit.row = None
            raise misfit.inside(step, to.dtype.name) from None
        return _list(items) if isinstance(value, list) else _typed(items)
    done = []
    for position, item in enumerate(value):
        try:
            done.append(nest(item, to.dtype, source, required))
        except Misfit as misfit:
            raise misfit.inside(f"[{position}]") from None
    return done if isinstance(value, list) else _stack(done)


def _list(items: NDArray) -> list[Any]:
    """The items as Python objects; dates as Timestamp, because numpy would make integers of them."""
    return [_timestamp(item) for item in items] if items.dtype.kind == "M" else items.tolist()


def _timestamp(item: Any) -> Any:
    import pandas as pd

    return pd.Timestamp(item)


def _typed(items: NDArray) -> NDArray:
    """Text in an array as numpy has it, unless some is missing."""
    texts = items.dtype == object and all(isinstance(item, str) for item in items)
    return items.astype(str) if texts else items


def _stack(items: list[Any]) -> NDArray:
    """One array of all items where they are of one shape, else an array of objects."""
    try:
        return np.array(items)
    except ValueError:
        return objects(items)


def _map(value: dict[Any, Any], to: Map, source: Source, required: bool) -> dict[str, Any]:
    if not all(isinstance(key, str) for key in value):
        raise Misfit("a key that is not text", expected=repr(to))
    return {key: _at(key, item, to.value_type, source, required) for key, item in value.items()}


def _object(value: dict[Any, Any], to: Object, source: Source, required: bool) -> dict[str, Any]:
    known = {each.name: each for each in to.properties}
    if not value and not required:
        return value
    for each in to.properties:
        if each.required and each.name not in value:
            raise Misfit("nothing", expected=repr(each.dtype)).inside(f".{each.name}")
    for key in value:
        if key not in known:
            raise Misfit("an object with this key", expected=f"one of {', '.join(known)}").inside(f".{key}")
    return {key: _at(key, item, known[key].dtype, source, known[key].required) for key, item in value.items()}


def _at(key: str, item: Any, to: ColumnType, source: Source, required: bool) -> Any:
    try:
        return nest(item, to, source, required)
    except Misfit as misfit:
        raise misfit.inside(f".{key}") from None
