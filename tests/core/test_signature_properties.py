"""Any signature survives its JSON, and writes the same JSON again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mlpack import schema as s
from mlpack.signature import ModelSignature

NAMES = st.text(max_size=8)
SCALARS = st.sampled_from(list(s.DataType))


def _nested(inner: st.SearchStrategy[s.ColumnType]) -> st.SearchStrategy[s.ColumnType]:
    properties = st.lists(st.builds(s.Property, NAMES, inner, st.booleans()), min_size=1, max_size=3, unique_by=_name)
    return st.one_of(st.builds(s.Array, inner), st.builds(s.Map, inner), st.builds(s.Object, properties))


def _name(named: Any) -> Any:
    return named.name


TYPES = st.recursive(SCALARS | st.sampled_from([s.AnyType(), s.SparkMLVector()]), _nested, max_leaves=6)
COLUMNS = st.builds(s.ColSpec, TYPES, NAMES | st.integers(0, 9), st.booleans())
SHAPES = st.lists(st.integers(-1, 9), max_size=4)
DTYPES = st.sampled_from(["bool", "int8", "uint64", "float16", "float64", "str", "bytes", "object", "datetime64[ns]"])
SCHEMAS = st.one_of(
    st.builds(s.Schema, st.lists(COLUMNS, min_size=1, max_size=4, unique_by=_name)),
    st.builds(s.Schema, st.lists(st.builds(s.ColSpec, TYPES), min_size=1, max_size=4)),
    st.builds(
        s.Schema, st.lists(st.builds(s.TensorSpec, DTYPES, SHAPES, NAMES), min_size=1, max_size=3, unique_by=_name)
    ),
    st.builds(lambda dtype, shape: s.Schema([s.TensorSpec(dtype, shape)]), DTYPES, SHAPES),
)
VALUES: dict[s.DataType, st.SearchStrategy[Any]] = {
    s.DataType.boolean: st.booleans(),
    s.DataType.integer: st.integers(-(2**31), 2**31 - 1),
    s.DataType.long: st.integers(-(2**63), 2**63 - 1),
    s.DataType.float: st.floats(allow_nan=False, width=32),
    s.DataType.double: st.floats(allow_nan=False),
    s.DataType.string: st.text(max_size=5),
    s.DataType.datetime: st.datetimes(dt.datetime(1000, 1, 1)) | st.dates(dt.date(1000, 1, 1)),
}


@st.composite
def _params(draw: st.DrawFn) -> s.ParamSpec:
    dtype = draw(st.sampled_from(list(VALUES)))
    one = st.none() | VALUES[dtype]
    many = draw(st.booleans())
    return s.ParamSpec(draw(NAMES), dtype, draw(st.lists(one, max_size=3) if many else one), (-1,) if many else None)


PARAMS = st.builds(s.ParamSchema, st.lists(_params(), max_size=3, unique_by=_name))


@given(st.builds(ModelSignature, SCHEMAS, st.none() | SCHEMAS, st.none() | PARAMS))
def test_a_signature_survives_its_json(signature: ModelSignature) -> None:
    again = ModelSignature.from_dict(signature.to_dict())
    assert again.to_dict() == signature.to_dict()
    assert (again.inputs, again.outputs) == (signature.inputs, signature.outputs)
    assert again.params == (signature.params if signature.params else None)
