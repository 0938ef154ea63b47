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

    #: The numpy dtype that holds the type; that of string and binary stands for text and bytes of any length.
    numpy: np.dtype[Any]

    boolean = 1, "bool"
    integer = 2, "int32"
    long = 3, "int64"
    float = 4, "float32"
    double = 5, "float64"
    string = 6, "str"
    binary = 7, "bytes"
    datetime = 8, "datetime64[ns]"

    def __new__(cls, value: int, dtype: str) -> DataType:
        """A member with its number as value and its dtype beside it."""
        member = object.__new__(cls)
        member._value_ = value
        member.numpy = np.dtype(dtype)
        return member

    def to_numpy(self) -> np.dtype[Any]:
        """The same as `numpy`, under the name that MLflow gives it."""
        return self.numpy

    def to_pandas(self) -> np.dtype[Any]:
        """The dtype of a pandas column of this type: object for string and binary."""
        return np.dtype(object) if self.numpy.kind in "US" else self.numpy

    def __repr__(self) -> str:
        return self.name

    __str__ = __repr__


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


class Vector(list[float]):
    """A vector of Spark ML as a list; a signature tells it from other lists."""


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
