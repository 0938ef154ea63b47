"""Any signature survives its JSON, and writes the same JSON again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mlpack.schema import (
    AnyType,
    Array,
    ColSpec,
    ColumnType,
    DataType,
    Map,
    Object,
    ParamSchema,
    ParamSpec,
    Property,
    Schema,
    SparkMLVector,
    TensorSpec,
)
from mlpack.signature import ModelSignature

NAMES = st.text(max_size=8)
SCALARS = st.sampled_from(list(DataType))


def _nested(inner: st.SearchStrategy[ColumnType]) -> st.SearchStrategy[ColumnType]:
    properties = st.lists(st.builds(Property, NAMES, inner, st.booleans()), min_size=1, max_size=3, unique_by=_name)
    return st.one_of(st.builds(Array, inner), st.builds(Map, inner), st.builds(Object, properties))


def _name(named: Any) -> Any:
    return named.name


TYPES = st.recursive(SCALARS | st.sampled_from([AnyType(), SparkMLVector()]), _nested, max_leaves=6)
COLUMNS = st.builds(ColSpec, TYPES, NAMES | st.integers(0, 9), st.booleans())
SHAPES = st.lists(st.integers(-1, 9), max_size=4)
DTYPES = st.sampled_from(["bool", "int8", "uint64", "float16", "float64", "str", "bytes", "object", "datetime64[ns]"])
SCHEMAS = st.one_of(
    st.builds(Schema, st.lists(COLUMNS, min_size=1, max_size=4, unique_by=_name)),
    st.builds(Schema, st.lists(st.builds(ColSpec, TYPES), min_size=1, max_size=4)),
    st.builds(Schema, st.lists(st.builds(TensorSpec, DTYPES, SHAPES, NAMES), min_size=1, max_size=3, unique_by=_name)),
    st.builds(lambda dtype, shape: Schema([TensorSpec(dtype, shape)]), DTYPES, SHAPES),
)
VALUES: dict[DataType, st.SearchStrategy[Any]] = {
    DataType.boolean: st.booleans(),
    DataType.integer: st.integers(-(2**31), 2**31 - 1),
    DataType.long: st.integers(-(2**63), 2**63 - 1),
    DataType.float: st.floats(allow_nan=False, width=32),
    DataType.double: st.floats(allow_nan=False),
    DataType.string: st.text(max_size=5),
    DataType.datetime: st.datetimes(dt.datetime(1000, 1, 1)) | st.dates(dt.date(1000, 1, 1)),
}


@st.composite
def _params(draw: st.DrawFn) -> ParamSpec:
    dtype = draw(st.sampled_from(list(VALUES)))
    one = st.none() | VALUES[dtype]
    many = draw(st.booleans())
    return ParamSpec(draw(NAMES), dtype, draw(st.lists(one, max_size=3) if many else one), (-1,) if many else None)


PARAMS = st.builds(ParamSchema, st.lists(_params(), max_size=3, unique_by=_name))


@given(st.builds(ModelSignature, SCHEMAS, st.none() | SCHEMAS, st.none() | PARAMS))
def test_a_signature_survives_its_json(signature: ModelSignature) -> None:
    again = ModelSignature.from_dict(signature.to_dict())
    assert again.to_dict() == signature.to_dict()
    assert (again.inputs, again.outputs) == (signature.inputs, signature.outputs)
    assert again.params == (signature.params if signature.params else None)
