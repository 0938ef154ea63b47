"""What a model's inputs, outputs and parameters look like: schemas, and their JSON in the MLmodel file.

A schema has columns (`ColSpec`) or tensors (`TensorSpec`), never both. The JSON is the one that MLflow 2.10 and later
write, key order included; older dialects are read (``optional``, a missing ``required``, ``dtype`` for a parameter).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np

from mlpack.datatypes import (
    AnyType,
    Array,
    ColumnType,
    DataType,
    Map,
    Object,
    Property,
    SparkMLVector,
    as_type,
    type_from_dict,
    type_to_dict,
)
from mlpack.errors import InvalidArgument, InvalidInput, InvalidPackage
from mlpack.values import param_value

__all__ = [
    "AnyType",
    "Array",
    "ColSpec",
    "ColumnType",
    "DataType",
    "Map",
    "Object",
    "ParamSchema",
    "ParamSpec",
    "Property",
    "Schema",
    "SparkMLVector",
    "TensorSpec",
]

T = TypeVar("T")


@dataclass(frozen=True)
class ColSpec:
    """One column: its type, its name (None where columns are told apart by position) and whether it must come."""

    type: ColumnType
    name: Hashable = None
    required: bool = True

    def __init__(self, type: ColumnType | str, name: Hashable = None, required: bool = True) -> None:
        object.__setattr__(self, "type", as_type(type))
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "required", bool(required))

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the column."""
        name = {} if self.name is None else {"name": self.name}
        return {**type_to_dict(self.type), **name, "required": self.required}

    @classmethod
    def from_dict(cls, json: Mapping[str, Any]) -> ColSpec:
        """The column of such JSON. MLflow 2.9 and older have ``optional``; a named nested column that says neither
        is optional, because that is how MLflow treats it."""
        type_, name = type_from_dict(json), json.get("name")
        told = json["required"] if json.get("required") is not None else None
        if told is None:
            told = not json["optional"] if "optional" in json else isinstance(type_, DataType) or name is None
        return cls(type_, name, told)

    def __repr__(self) -> str:
        named = "" if self.name is None else f"{self.name!r}: "
        return f"{named}{self.type!r}{'' if self.required else ' (optional)'}"


@dataclass(frozen=True)
class TensorSpec:
    """One tensor: dtype, shape (-1 for a dimension of any length) and name (None for the only one).

    Text and bytes have no length in a tensor's dtype: ``<U5`` becomes ``str``.
    """

    type: np.dtype[Any]
    shape: tuple[int, ...]
    name: str | None = None

    def __init__(self, type: Any, shape: Sequence[int], name: str | None = None) -> None:
        dtype = np.dtype(type)
        sizes = tuple(int(size) for size in shape)
        if any(size < -1 for size in sizes):
            raise InvalidArgument(f"a dimension of a tensor is its length, or -1 for any, got {sizes}")
        object.__setattr__(self, "type", np.dtype(dtype.type) if dtype.kind in "US" else dtype)
        object.__setattr__(self, "shape", sizes)
        object.__setattr__(self, "name", name)

    @property
    def required(self) -> bool:
        """A tensor must always come."""
        return True

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the tensor."""
        name = {} if self.name is None else {"name": self.name}
        return {**name, "type": "tensor", "tensor-spec": {"dtype": self.type.name, "shape": list(self.shape)}}

    @classmethod
    def from_dict(cls, json: Mapping[str, Any]) -> TensorSpec:
        """The tensor of such JSON."""
        inner = json["tensor-spec"]
        return cls(inner["dtype"], inner["shape"], json.get("name"))

    def __repr__(self) -> str:
        named = "" if self.name is None else f"{self.name!r}: "
        return f"{named}tensor of {self.type.name}, shape {self.shape}"


#: One input of a schema.
Spec: TypeAlias = ColSpec | TensorSpec
_SPECS: dict[str, type[TensorSpec]] = {"tensor": TensorSpec}


class Schema:
    """The columns, or the tensors, of a model's input or output.

    Either all of them have a name or none has; unnamed columns cannot be optional, and only one tensor can be unnamed.
    Raises InvalidArgument for anything else.
    """

    def __init__(self, inputs: Sequence[Spec]) -> None:
        specs = list(inputs)
        kinds = {type(each) for each in specs}
        if kinds not in ({ColSpec}, {TensorSpec}):
            raise InvalidArgument("a schema needs a list of at least one ColSpec, or of at least one TensorSpec")
        unnamed = [each for each in specs if each.name is None]
        if unnamed and len(unnamed) != len(specs):
            raise InvalidArgument("either every input of a schema has a name or none has")
        if len(unnamed) > 1 and kinds == {TensorSpec}:
            raise InvalidArgument("several tensors need a name each")
        if not all(each.required for each in unnamed):
            raise InvalidArgument("an input without a name cannot be optional")
        self._inputs = specs
        self._named = not unnamed
        self._names: list[Hashable] = list(range(len(specs))) if unnamed else [each.name for each in specs]

    @property
    def inputs(self) -> list[Spec]:
        """The columns or tensors, in order."""
        return self._inputs

    @property
    def columns(self) -> list[ColSpec]:
        """The columns; only for a schema that is not of tensors."""
        return self._inputs  # type: ignore[return-value]

    @property
    def tensors(self) -> list[TensorSpec]:
        """The tensors; only for a schema of tensors."""
        return self._inputs  # type: ignore[return-value]

    def is_tensor_spec(self) -> bool:
        """Whether the schema is of tensors."""
        return isinstance(self._inputs[0], TensorSpec)

    def has_input_names(self) -> bool:
        """Whether the inputs have names."""
        return self._named

    def input_names(self) -> list[Hashable]:
        """The names, or the positions where there are none."""
        return list(self._names)

    def matches(self, names: Sequence[Hashable] | None) -> bool:
        """Whether exactly the columns of this schema came, in its order."""
        return self._named and names is not None and list(names) == self._names

    def required_input_names(self) -> list[Hashable]:
        """The names (or positions) of the inputs that must come."""
        return [name for name, each in zip(self._names, self._inputs, strict=True) if each.required]

    def optional_input_names(self) -> list[Hashable]:
        """The names of the inputs that may be absent."""
        return [name for name, each in zip(self._names, self._inputs, strict=True) if not each.required]

    def input_types(self) -> list[Any]:
        """The type of each column, or the dtype of each tensor."""
        return [each.type for each in self._inputs]

    def input_dict(self) -> dict[Hashable, Spec]:
        """Inputs by name; raises InvalidArgument where they have none."""
        if not self._named:
            raise InvalidArgument("the inputs of this schema have no names")
        return dict(zip(self._names, self._inputs, strict=True))

    def to_dict(self) -> list[dict[str, Any]]:
        """The JSON of the schema, as Python lists and dictionaries."""
        return [each.to_dict() for each in self._inputs]

    def to_json(self) -> str:
        """The JSON of the schema, as text."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Schema:
        """The schema of such JSON, in any dialect; raises InvalidPackage if it is none."""
        specs: list[Spec] = _read(text, lambda each: _SPECS.get(each["type"], ColSpec).from_dict(each))
        return _whole(lambda: cls(specs))

    def __len__(self) -> int:
        return len(self._inputs)

    def __iter__(self) -> Iterator[Spec]:
        return iter(self._inputs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self._inputs == other._inputs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._inputs)


@dataclass(frozen=True)
class ParamSpec:
    """One parameter of prediction: a scalar, an object, or with shape (-1,) a list of scalars; None is no value.

    The default is converted as a value that comes with a request is; InvalidArgument says that it does not fit.
    """

    name: str
    dtype: DataType | Object
    default: Any
    shape: tuple[int, ...] | None = None

    def __init__(
        self, name: str, dtype: DataType | Object | str, default: Any, shape: Sequence[int] | None = None
    ) -> None:
        type_ = as_type(dtype)
        if not isinstance(type_, (DataType, Object)) or type_ is DataType.binary:
            raise InvalidArgument(f"the parameter {name!r} cannot be of type {type_!r}")
        sizes = None if shape is None else tuple(shape)
        if sizes not in (None, (-1,)) or (sizes and isinstance(type_, Object)):
            raise InvalidArgument(
                f"the parameter {name!r} is one value (shape None) or a list of scalars (shape (-1,))"
            )
        object.__setattr__(self, "name", str(name))
        object.__setattr__(self, "dtype", type_)
        object.__setattr__(self, "shape", sizes)
        try:
            object.__setattr__(self, "default", self.convert(default))
        except InvalidInput as error:
            raise InvalidArgument(f"the default does not fit: {error.message}") from error

    def convert(self, value: Any) -> Any:
        """A value for this parameter, as Python's own type; raises SchemaMismatch if it does not fit."""
        return param_value(self.name, value, self.dtype, many=self.shape is not None)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the parameter."""
        shape = None if self.shape is None else list(self.shape)
        default = [_jsonable(each) for each in self.default] if shape and self.default else _jsonable(self.default)
        return {"name": self.name, "default": default, "shape": shape, **type_to_dict(self.dtype)}

    @classmethod
    def from_dict(cls, json: Mapping[str, Any]) -> ParamSpec:
        """The parameter of such JSON; ``dtype`` is an older name of ``type``."""
        type_ = type_from_dict({**json, "type": json.get("type") or json["dtype"]})
        return cls(json["name"], cast(DataType, type_), json["default"], json.get("shape"))

    def __repr__(self) -> str:
        many = "" if self.shape is None else "list of "
        return f"{self.name!r}: {many}{self.dtype!r} (default {self.default!r})"


class ParamSchema:
    """The parameters that a model takes beside its input; raises InvalidArgument where a name comes twice."""

    def __init__(self, params: Sequence[ParamSpec]) -> None:
        if not all(isinstance(each, ParamSpec) for each in params):
            raise InvalidArgument("a parameter schema needs a list of ParamSpec")
        names = [each.name for each in params]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise InvalidArgument(f"parameters given twice: {', '.join(twice)}")
        self._params = list(params)

    @property
    def params(self) -> list[ParamSpec]:
        """The parameters, in order."""
        return self._params

    def to_dict(self) -> list[dict[str, Any]]:
        """The JSON of the schema, as Python lists and dictionaries."""
        return [each.to_dict() for each in self._params]

    def to_json(self) -> str:
        """The JSON of the schema, as text."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> ParamSchema:
        """The parameters of such JSON, in any dialect; raises InvalidPackage if it is none."""
        params = _read(text, ParamSpec.from_dict)
        return _whole(lambda: cls(params))

    def __len__(self) -> int:
        return len(self._params)

    def __iter__(self) -> Iterator[ParamSpec]:
        return iter(self._params)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParamSchema) and self._params == other._params

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._params)


def _jsonable(value: Any) -> Any:
    """A default as JSON has it: dates as ISO text."""
    return value.isoformat() if isinstance(value, date) else value


def _read(text: str, one: Callable[[Mapping[str, Any]], T]) -> list[T]:
    """Each item of a JSON list, read by `one`."""
    return _whole(lambda: [one(each) for each in json.loads(text)])


def _whole(build: Callable[[], T]) -> T:
    """What `build` gives, where every way in which JSON of a package can be wrong becomes InvalidPackage."""
    try:
        return build()
    except KeyError as error:
        raise InvalidPackage(f"the signature cannot be read: {error} is missing") from error
    except (InvalidArgument, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InvalidPackage(f"the signature cannot be read: {error}") from error
