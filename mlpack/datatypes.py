"""The types that a column, a property or a parameter can have, and their JSON in a signature.

Scalars are members of `DataType`; `Array`, `Object` and `Map` nest; `AnyType` is not checked at all.
The JSON is that of MLflow 2.10 and later: ``{"type": "array", "items": {"type": "double"}}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

import numpy as np

from mlpack.errors import InvalidArgument


class DataType(Enum):
    """A scalar type; its name is the one that stands in signatures, its value the number that MLflow gives it."""

    boolean = 1
    integer = 2
    long = 3
    float = 4
    double = 5
    string = 6
    binary = 7
    datetime = 8

    @property
    def numpy(self) -> np.dtype[Any]:
        """The numpy dtype: int32 for integer, int64 for long, float32 for float, nanoseconds for datetime."""
        return _NUMPY[self]

    def to_numpy(self) -> np.dtype[Any]:
        """The same as `numpy`, under the name that MLflow gives it."""
        return _NUMPY[self]

    def to_pandas(self) -> np.dtype[Any]:
        """The dtype of a pandas column of this type: object for string and binary."""
        return np.dtype(object) if self in {DataType.string, DataType.binary} else _NUMPY[self]

    def __repr__(self) -> str:
        return self.name

    __str__ = __repr__


_NUMPY: dict[DataType, np.dtype[Any]] = {
    DataType.boolean: np.dtype(bool),
    DataType.integer: np.dtype(np.int32),
    DataType.long: np.dtype(np.int64),
    DataType.float: np.dtype(np.float32),
    DataType.double: np.dtype(np.float64),
    DataType.string: np.dtype(str),
    DataType.binary: np.dtype(bytes),
    DataType.datetime: np.dtype("datetime64[ns]"),
}


@dataclass(frozen=True)
class AnyType:
    """Whatever comes, missing values included, goes to the model as it is."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the type."""
        return {"type": "any"}

    def __repr__(self) -> str:
        return "any"


@dataclass(frozen=True)
class Array:
    """A list or a one-dimensional numpy array, whose items are all of one type."""

    dtype: ColumnType

    def __init__(self, dtype: ColumnType | str) -> None:
        object.__setattr__(self, "dtype", as_type(dtype))

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the type."""
        return {"type": "array", "items": type_to_dict(self.dtype)}

    def __repr__(self) -> str:
        return f"array of {self.dtype!r}"


class SparkMLVector(Array):
    """A vector of Spark ML: an array of doubles under a name of its own."""

    def __init__(self) -> None:
        super().__init__(DataType.double)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the type."""
        return {"type": "sparkml_vector"}

    def __repr__(self) -> str:
        return "sparkml_vector"


@dataclass(frozen=True)
class Map:
    """A dictionary with any strings as keys, whose values are all of one type."""

    value_type: ColumnType

    def __init__(self, value_type: ColumnType | str) -> None:
        object.__setattr__(self, "value_type", as_type(value_type))

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the type."""
        return {"type": "map", "values": type_to_dict(self.value_type)}

    def __repr__(self) -> str:
        return f"map of {self.value_type!r}"


@dataclass(frozen=True)
class Property:
    """One key of an `Object`; one that is not required may be absent or null."""

    name: str
    dtype: ColumnType
    required: bool = True

    def __init__(self, name: str, dtype: ColumnType | str, required: bool = True) -> None:
        if not isinstance(name, str):
            raise InvalidArgument(f"the name of a property is a string, got {type(name).__name__}")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "dtype", as_type(dtype))
        object.__setattr__(self, "required", bool(required))

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the property: its name with the JSON of its type."""
        return {self.name: {**type_to_dict(self.dtype), "required": self.required}}

    def __repr__(self) -> str:
        return f"{self.name}: {self.dtype!r}{'' if self.required else ' (optional)'}"


@dataclass(frozen=True)
class Object:
    """A dictionary with known keys, each of its own type; the properties are kept sorted by name."""

    properties: tuple[Property, ...]

    def __init__(self, properties: Sequence[Property]) -> None:
        if not properties or not all(isinstance(each, Property) for each in properties):
            raise InvalidArgument("an object needs a list of at least one Property")
        names = [each.name for each in properties]
        if len(set(names)) != len(names):
            raise InvalidArgument(f"the properties of an object have one name twice: {', '.join(sorted(names))}")
        object.__setattr__(self, "properties", tuple(sorted(properties, key=lambda each: each.name)))

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the type."""
        properties: dict[str, Any] = {}
        for each in self.properties:
            properties.update(each.to_dict())
        return {"type": "object", "properties": properties}

    def __repr__(self) -> str:
        return "{" + ", ".join(map(repr, self.properties)) + "}"


#: Every type that a column or a property can have.
ColumnType: TypeAlias = DataType | Array | Object | Map | AnyType


def as_type(given: ColumnType | str) -> ColumnType:
    """The type itself, or the scalar type of that name; raises InvalidArgument for anything else."""
    if isinstance(given, (DataType, Array, Object, Map, AnyType)):
        return given
    if isinstance(given, str):
        if given in DataType.__members__:
            return DataType[given]
        raise InvalidArgument.unknown("type", given, list(DataType.__members__))
    raise InvalidArgument(f"a type is a DataType, Array, Object, Map, AnyType or a name, got {type(given).__name__}")


def type_to_dict(of: ColumnType) -> dict[str, Any]:
    """The JSON of a type, as it stands in a signature."""
    return {"type": of.name} if isinstance(of, DataType) else of.to_dict()


def type_from_dict(json: Mapping[str, Any]) -> ColumnType:
    """The type that such JSON stands for; raises KeyError, TypeError or InvalidArgument where it is none."""
    name = json["type"]
    if name == "array":
        return Array(type_from_dict(json["items"]))
    if name == "object":
        properties = json["properties"].items()
        return Object([Property(key, type_from_dict(each), each.get("required", True)) for key, each in properties])
    if name == "map":
        return Map(type_from_dict(json["values"]))
    if name == "any":
        return AnyType()
    return SparkMLVector() if name == "sparkml_vector" else as_type(name)
