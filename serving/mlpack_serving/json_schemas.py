"""The JSON that a model takes and gives, as JSON Schema (2020-12), by its signature.

What it cannot say stays unsaid: that rows have equal keys, lists equal lengths, and that whole numbers beyond 2^53 fit
into a double where it holds them exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mlpack.datatypes import AnyType, Array, ColumnType, DataType, Map
from mlpack.manifest import Model
from mlpack.schema import ParamSchema, ParamSpec, Schema, TensorSpec

JsonSchema = dict[str, Any]

_NUMBER_TEXT = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,4})(\.[0-9]{1,4})?$"}
_WHOLE_TEXT = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,8})$"}
_TIME = r"^(19[0-9]{2}|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])?$"
_BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"
_NULL: JsonSchema = {"type": "null"}


def _whole(bits: int) -> JsonSchema:
    return {"type": "integer", "minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1}


_SCALARS: dict[DataType, JsonSchema] = {
    DataType.boolean: {"type": "boolean"},
    DataType.integer: _whole(32),
    DataType.long: _whole(64),
    DataType.float: {"type": "number", "minimum": -(2**24), "maximum": 2**24},
    DataType.double: {"type": "number"},
    DataType.string: {"type": ["string", "null"]},
    DataType.binary: {"type": ["string", "null"], "contentEncoding": "base64", "pattern": _BASE64},
    DataType.datetime: {"anyOf": [{"type": "string", "pattern": _TIME}, _whole(64), _NULL]},
}
#: In which a missing value is NaN.
REALS = (DataType.float, DataType.double)
#: Text that is a number is one in a column, not in a parameter.
_TEXTS = dict.fromkeys([DataType.integer, DataType.long], _WHOLE_TEXT)
_TEXTS |= dict.fromkeys(REALS, _NUMBER_TEXT)
#: Cells of CSV that fit, of many that do.
_CELLS: dict[Any, str] = {
    DataType.boolean: "(true|false)",
    DataType.integer: "-?[1-9][0-9]{0,8}",
    DataType.long: "-?[1-9][0-9]{0,8}",
    DataType.float: r"-?[1-9][0-9]{0,4}(\.[0-9]{1,4})?",
    DataType.double: r"-?[1-9][0-9]{0,4}(\.[0-9]{1,4})?",
    DataType.string: "[A-Za-z]{1,8}",
    DataType.binary: "([A-Za-z0-9]{4}){1,4}",
    DataType.datetime: _TIME.strip("^$"),
}
#: What tensors hold, by the kind of their dtype.
_KINDS: dict[str, JsonSchema] = {"b": {"type": "boolean"}, "U": {"type": "string"}, "S": {"type": "string"}}


def of_type(kind: ColumnType) -> JsonSchema:
    """A value of a column or a property."""
    if isinstance(kind, DataType):
        return {"anyOf": [_SCALARS[kind], _TEXTS[kind]]} if kind in _TEXTS else _SCALARS[kind]
    if isinstance(kind, AnyType):
        return {}
    if isinstance(kind, Array):
        return {"type": "array", "items": of_type(kind.dtype)}
    if isinstance(kind, Map):
        return {"type": "object", "additionalProperties": of_type(kind.value_type)}
    return _object((each.name, _unless_missing(each.dtype, each.required), each.required) for each in kind.properties)


def of_request(model: Model, *, gaps: bool) -> JsonSchema:
    """The body of a request to predict, in the forms that fit the signature; with ``gaps``, numbers may be missing."""
    schema = model.get_input_schema()
    untold = schema is None or model.is_signature_from_type_hint
    forms = {"inputs": {}} if schema is None or untold else _forms(schema, gaps)
    params = model.get_params_schema()
    also = {} if params is None else {"params": _params(params)}
    bodies = [{"properties": {form: data, **also}, "required": [form]} for form, data in forms.items()]
    return {"type": "object", "anyOf": bodies}


def of_csv(model: Model) -> JsonSchema | None:
    """The text of a CSV body: a header, then rows of plain cells; None where a pattern cannot say it."""
    schema = model.get_input_schema()
    if schema is None or schema.is_tensor_spec() or not _CELLS.keys() >= set(schema.input_types()):
        return None
    kinds = [_CELLS[kind] for kind in schema.input_types()]
    header = ",".join(re.escape(_quoted(str(name))) for name in schema.input_names())
    return {"type": "string", "pattern": rf"^{header}\n({','.join(kinds)}\n){{1,4}}$"}


def of_answer() -> JsonSchema:
    """The body of an answer to the usual forms."""
    return {"type": "object", "properties": {"predictions": {}}, "required": ["predictions"]}


def _forms(schema: Schema, gaps: bool) -> dict[str, JsonSchema]:
    if schema.is_tensor_spec():
        return _tensor_forms(schema.tensors)
    cells = [_unless_missing(each.type, each.required and not (gaps and each.type in REALS)) for each in schema.columns]
    row: JsonSchema = {"type": "array", "prefixItems": cells, "minItems": len(cells), "maxItems": len(cells)}
    if not schema.has_input_names():
        return {"dataframe_split": _object([("data", _rows(row), True)], closed=True), "instances": _rows(row)}
    names = [str(each.name) for each in schema.columns]
    split = _object([("columns", {"const": names}, True), ("data", _rows(row), True)], closed=True)
    named = zip(names, cells, [each.required for each in schema.columns], strict=True)
    records = _rows(_object(named) | {"unevaluatedProperties": False})
    return {"dataframe_split": split, "dataframe_records": records, "instances": records, "inputs": records}


def _tensor_forms(tensors: Sequence[TensorSpec]) -> dict[str, JsonSchema]:
    if tensors[0].name is None:
        whole = _tensor(tensors[0], tensors[0].shape)
        return {"inputs": whole, "instances": whole}
    return {
        "inputs": _object((str(each.name), _tensor(each, each.shape), True) for each in tensors),
        "instances": _rows(_object((str(each.name), _tensor(each, each.shape[1:]), True) for each in tensors)),
    }


def _tensor(spec: TensorSpec, shape: Sequence[int]) -> JsonSchema:
    if not shape:
        return _of_dtype(spec.type)
    length = {"minItems": 1} if shape[0] < 0 else {"minItems": shape[0], "maxItems": shape[0]}
    return {"type": "array", "items": _tensor(spec, shape[1:]), **length}


def _of_dtype(dtype: np.dtype[Any]) -> JsonSchema:
    if dtype.kind in "iu":
        least, most = (int(bound) for bound in (np.iinfo(dtype).min, np.iinfo(dtype).max))
        return {"type": "integer", "minimum": least, "maximum": most}
    if dtype.kind == "f":
        return _SCALARS[DataType.double if dtype.itemsize == 8 else DataType.float]
    return _KINDS.get(dtype.kind, {})


def _params(params: ParamSchema) -> JsonSchema:
    return {"anyOf": [_object((each.name, _of_param(each), False) for each in params), _NULL]}


def _of_param(spec: ParamSpec) -> JsonSchema:
    kind = _SCALARS[spec.dtype] if isinstance(spec.dtype, DataType) else of_type(spec.dtype)
    value = {"anyOf": [kind, _NULL]}
    return value if spec.shape is None else {"type": "array", "items": value}


def _unless_missing(kind: ColumnType, required: bool) -> JsonSchema:
    return of_type(kind) if required else {"anyOf": [of_type(kind), _NULL]}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if re.search(r'[",\r\n]', name) else name


def _rows(row: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": row, "minItems": 1}


def _object(members: Iterable[tuple[str, JsonSchema, bool]], *, closed: bool = False) -> JsonSchema:
    """An object of (key, value, whether it must be there); others may be there too, unless it is closed."""
    listed = list(members)
    found: JsonSchema = {"type": "object", "properties": {key: value for key, value, _ in listed}}
    required = [key for key, _, must in listed if must]
    return found | ({"required": required} if required else {}) | ({"additionalProperties": False} if closed else {})
