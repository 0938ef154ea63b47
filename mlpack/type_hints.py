"""Type hints of a model's input: the signature that they stand for, and data made to fit them.

Hints that say something are ``list[T]``, where T is a scalar (``int``, ``str``, ``bool``, ``float``, ``bytes``,
``datetime``), ``Any``, a pydantic model, or lists, ``dict[str, ...]``, ``Optional`` and unions of these. All others
(a DataFrame, an array) promise nothing that can be checked. Source: MLflow 2.20 and later.
"""

from __future__ import annotations

from datetime import datetime
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import numpy as np

from mlpack.datatypes import AnyType, Array, ColumnType, DataType, Map, Object, Property
from mlpack.errors import InvalidInput, SchemaMismatch
from mlpack.schema import ColSpec, Schema
from mlpack.values import Misfit, Source, convert, kind_of

#: A hint by which MLflow turns tables back into what the input example was.
TypeFromExample = TypeVar("TypeFromExample")

_SCALARS: dict[Any, DataType] = {
    bool: DataType.boolean,
    int: DataType.long,
    float: DataType.double,
    str: DataType.string,
    bytes: DataType.binary,
    datetime: DataType.datetime,
}


def schema_of(hint: Any) -> Schema | None:
    """The schema of one unnamed column that a hint, or the items of a list, stand for; None if it says nothing."""
    try:
        type_, required = _declared(get_args(hint)[0] if get_origin(hint) is list else hint)
    except TypeError:
        return None
    return Schema([ColSpec(type_)]) if required else None


def is_checked(hint: Any) -> bool:
    """Whether data can be checked against the hint of a model's input."""
    return get_origin(hint) is list and schema_of(hint) is not None


def conform(data: Any, hint: Any) -> Any:
    """The data as the hint wants it; dictionaries become pydantic models, a table becomes a list.

    Scalars of another type are converted where nothing is lost; bytes may come as base64, times as ISO text. Raises
    InvalidInput (SchemaMismatch but for pydantic's own checks), with the path to what does not fit.
    """
    return _conform(_as_list(data, get_args(hint)[0]), hint, "input")


def conform_argument(
    args: tuple[Any, ...], kwargs: dict[str, Any], position: int, hint: Any, name: str
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call with the one of that position or name as the hint wants it; see :func:`conform`."""
    if name in kwargs:
        return args, {**kwargs, name: conform(kwargs[name], hint)}
    if len(args) > position:
        return (*args[:position], conform(args[position], hint), *args[position + 1 :]), kwargs
    return args, kwargs


def _declared(hint: Any) -> tuple[ColumnType, bool]:
    """The type that a hint stands for and whether a value must come; raises TypeError if there is none."""
    if hint is Any:
        return AnyType(), True
    if hint in _SCALARS:
        return _SCALARS[hint], True
    if _is_model(hint):
        fields = {name: _declared(each.annotation) for name, each in hint.model_fields.items()}
        return Object([Property(name, *declared) for name, declared in fields.items()]), True
    origin, args = get_origin(hint), get_args(hint)
    if origin is list:
        return Array(_declared(args[0])[0]), True
    if origin is dict and args[0] is str:
        return Map(_declared(args[1])[0]), True
    if origin in (Union, UnionType):
        some = [each for each in args if each is not NoneType]
        return _declared(some[0])[0] if len(some) == 1 else AnyType(), len(some) == len(args)
    raise TypeError(hint)


def _is_model(hint: Any) -> bool:
    # pydantic need not be installed to find out that a class is none of its models.
    return isinstance(hint, type) and hasattr(hint, "model_validate") and hasattr(hint, "model_fields")


def _as_list(data: Any, item: Any) -> Any:
    """A table as the list of its one column, or of its rows where items are dictionaries; NaN becomes None."""
    if isinstance(data, np.ndarray):
        return data.tolist()
    if not hasattr(data, "columns"):
        return data
    texts = [name for name in data.columns if len(data) and isinstance(data[name].iloc[0], str)]
    if (_is_model(item) or get_origin(item) is dict) and list(data.columns) != [0]:
        rows = data.to_dict("records")
    else:
        rows = data[texts[0]].tolist() if item is str and texts else data.iloc[:, 0].tolist()
    return _plain(rows)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and value != value else value


def _conform(value: Any, hint: Any, path: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if hint in _SCALARS:
        return _scalar(value, hint, path)
    if _is_model(hint):
        return _model(value, hint, path)
    if origin is list:
        return _list(value, args[0], path)
    if origin is dict:
        return _dict(value, args[1], path)
    # Any, or a union: of one type beside None, or of several, which are not told apart.
    some = [each for each in args if each is not NoneType]
    is_open = len(some) != 1 or (value is None and len(some) < len(args))
    return value if is_open else _conform(value, some[0], path)


def _list(value: Any, item: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise SchemaMismatch(path, expected="a list", got=kind_of(value))
    if item in _SCALARS and set(map(type, value)) <= {item}:
        return value
    return [_conform(each, item, f"{path}[{at}]") for at, each in enumerate(value)]


def _dict(value: Any, item: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise SchemaMismatch(path, expected="a dictionary with texts as keys", got=kind_of(value))
    return {key: _conform(each, item, f"{path}.{key}") for key, each in value.items()}


def _scalar(value: Any, hint: Any, path: str) -> Any:
    if isinstance(value, hint):
        return value
    got = kind_of(value)
    try:
        if hint is datetime and isinstance(value, str):
            return datetime.fromisoformat(value.removesuffix("Z") + "+00:00" * value.endswith("Z"))
        if value is not None:
            converted = convert([value], _SCALARS[hint], Source.JSON if hint is bytes else Source.PYTHON)[0]
            return converted.item() if isinstance(converted, np.generic) else converted
    except ValueError:
        got = "text that is not a date in ISO 8601"
    except Misfit as misfit:
        got = misfit.got
    raise SchemaMismatch(path, expected=hint.__name__, got=got)


def _model(value: Any, hint: Any, path: str) -> Any:
    if isinstance(value, hint):
        return value
    if not isinstance(value, dict):
        raise SchemaMismatch(path, expected=hint.__name__, got=kind_of(value))
    try:
        return hint.model_validate(value, strict=True)
    except ValueError as error:  # pydantic's own error is one; its text quotes the data, so only its parts are used
        first: dict[str, Any] = next(iter(error.errors()), {}) if hasattr(error, "errors") else {}
    steps = ".".join(map(str, (path, *first.get("loc", ()))))
    raise InvalidInput(f"{steps!r} does not fit {hint.__name__}: {first.get('msg', 'invalid')}", field=steps)
