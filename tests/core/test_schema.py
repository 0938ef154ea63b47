"""Schemas: the JSON of MLflow in all its dialects, and what no schema can be."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pytest

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.schema import (
    AnyType,
    Array,
    ColSpec,
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


def test_columns_are_written_with_the_keys_in_the_order_of_mlflow() -> None:
    schema = Schema([ColSpec(DataType.double, "a"), ColSpec(Array("string"), "b", required=False)])
    assert schema.to_json() == (
        '[{"type": "double", "name": "a", "required": true}, '
        '{"type": "array", "items": {"type": "string"}, "name": "b", "required": false}]'
    )


def test_tensors_are_written_with_the_keys_in_the_order_of_mlflow() -> None:
    named = Schema([TensorSpec(np.dtype("float32"), (-1, 28, 28), "image")])
    assert named.to_json() == (
        '[{"name": "image", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 28, 28]}}]'
    )


def test_params_are_written_with_the_keys_in_the_order_of_mlflow() -> None:
    params = ParamSchema([ParamSpec("t", "double", 0.5), ParamSpec("stop", "string", ["a"], (-1,))])
    assert params.to_json() == (
        '[{"name": "t", "default": 0.5, "shape": null, "type": "double"}, '
        '{"name": "stop", "default": ["a"], "shape": [-1], "type": "string"}]'
    )


def test_properties_are_sorted_by_name() -> None:
    of = Object([Property("b", "long"), Property("a", Map(AnyType()), required=False)])
    assert list(of.to_dict()["properties"]) == ["a", "b"]
    assert of == Object([Property("a", Map(AnyType()), required=False), Property("b", "long")])


@pytest.mark.parametrize(
    "type_",
    [
        *DataType,
        Array("double"),
        Array(Array(Object([Property("x", "binary", required=False)]))),
        Map(Map("datetime")),
        Map(SparkMLVector()),
        Object([Property("v", SparkMLVector()), Property("any", AnyType())]),
        SparkMLVector(),
        AnyType(),
    ],
    ids=repr,
)
def test_every_type_is_read_back(type_: Any) -> None:
    schema = Schema([ColSpec(type_, "c")])
    again = Schema.from_json(schema.to_json())
    assert again == schema
    assert again.columns[0].type == type_


@pytest.mark.parametrize(
    ("column", "required"),
    [
        ({"type": "long", "name": "a"}, True),
        ({"type": "long", "name": "a", "optional": True}, False),
        ({"type": "long", "name": "a", "optional": False}, True),
        ({"type": "long", "name": "a", "required": None}, True),
        ({"type": "array", "items": {"type": "long"}, "name": "a"}, False),
        ({"type": "array", "items": {"type": "long"}, "name": "a", "required": True}, True),
        ({"type": "array", "items": {"type": "long"}}, True),
        ({"type": "any", "name": "a"}, False),
    ],
)
def test_columns_of_older_dialects_are_read(column: dict[str, Any], required: bool) -> None:
    assert Schema.from_json(json.dumps([column])).columns[0].required is required


def test_a_parameter_of_an_older_dialect_is_read() -> None:
    text = (
        '[{"name": "k", "dtype": "integer", "default": 1, "shape": null}, {"name": "t", "type": "float", "default": 1}]'
    )
    assert [spec.dtype for spec in ParamSchema.from_json(text)] == [DataType.integer, DataType.float]


def test_a_parameter_that_is_an_object_is_read() -> None:
    params = ParamSchema([ParamSpec("o", Object([Property("a", "long")]), {"a": 1})])
    assert ParamSchema.from_json(params.to_json()) == params


def test_a_default_that_is_a_date_is_written_as_iso_text() -> None:
    params = ParamSchema([ParamSpec("d", "datetime", dt.date(2024, 1, 2)), ParamSpec("n", "datetime", None)])
    assert [each["default"] for each in params.to_dict()] == ["2024-01-02", None]
    assert ParamSchema.from_json(params.to_json()) == params


def test_the_length_of_text_is_no_part_of_a_tensor() -> None:
    assert TensorSpec(np.dtype("<U5"), (-1,)).to_dict()["tensor-spec"] == {"dtype": "str", "shape": [-1]}
    assert TensorSpec("bytes", (-1,)).type == np.dtype("S0")


def test_names_of_columns_are_their_positions_where_they_have_none() -> None:
    schema = Schema([ColSpec("long"), ColSpec("double")])
    assert schema.input_names() == [0, 1]
    assert not schema.has_input_names()
    with pytest.raises(InvalidArgument, match="no names"):
        schema.input_dict()


def test_a_name_may_be_zero_or_empty() -> None:
    schema = Schema([ColSpec("long", 0), ColSpec("long", "", required=False)])
    assert schema.has_input_names()
    assert (schema.required_input_names(), schema.optional_input_names()) == ([0], [""])


@pytest.mark.parametrize(
    "inputs",
    [
        [],
        ["double"],
        [ColSpec("long"), ColSpec("long", "a")],
        [ColSpec("long", required=False)],
        [ColSpec("long", "a"), TensorSpec("int64", (-1,), "b")],
        [TensorSpec("int64", (-1,)), TensorSpec("int64", (-1,))],
    ],
)
def test_a_schema_that_mlflow_would_refuse_is_refused(inputs: Any) -> None:
    with pytest.raises(InvalidArgument):
        Schema(inputs)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ColSpec("bool", "a"),
        lambda: ColSpec(int, "a"),  # type: ignore[arg-type]
        lambda: Object([]),
        lambda: Object([Property("a", "long"), Property("a", "double")]),
        lambda: Property(1, "long"),  # type: ignore[arg-type]
        lambda: TensorSpec("int64", (-2,)),
        lambda: ParamSpec("k", "binary", b"a"),
        lambda: ParamSpec("k", "long", "a"),
        lambda: ParamSpec("k", "long", 1, (2,)),
        lambda: ParamSpec("k", Object([Property("a", "long")]), [], (-1,)),
        lambda: ParamSchema([ParamSpec("k", "long", 1), ParamSpec("k", "long", 2)]),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused(make: Any) -> None:
    with pytest.raises(InvalidArgument):
        make()


def test_a_wrong_name_of_a_type_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(InvalidArgument) as caught:
        ColSpec("intger", "a")
    assert caught.value.tip == "did you mean 'integer'?"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "[1]",
        '[{"name": "a"}]',
        '[{"type": "array", "name": "a"}]',
        '[{"type": "object", "properties": {}, "name": "a"}]',
        '[{"type": "object", "properties": [1], "name": "a"}]',
        '[{"type": ["long"], "name": "a"}]',
        '[{"type": "tensor", "tensor-spec": {"dtype": "no such", "shape": [1]}}]',
        '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": ["a"]}}]',
        '[{"type": "tensor"}]',
        '[{"type": "long", "name": "a"}, {"type": "long"}]',
        '[{"type": "array", "items": ' * 100_000,
        '[{"type": ' + '{"type": "array", "items": ' * 2_000 + "1" + "}" * 2_000 + "}]",
    ],
    ids=lambda text: text[:40],
)
def test_json_that_is_no_schema_is_a_broken_package(text: str) -> None:
    with pytest.raises(InvalidPackage, match="signature cannot be read"):
        Schema.from_json(text)


@pytest.mark.parametrize("text", ['[{"name": "k", "type": "long"}]', '[{"name": "k", "default": 1}]', "[[]]"])
def test_json_that_is_no_schema_of_params_is_a_broken_package(text: str) -> None:
    with pytest.raises(InvalidPackage, match="signature cannot be read"):
        ParamSchema.from_json(text)


def test_what_mlflow_scripts_import_is_where_they_look_for_it() -> None:
    from mlpack import types
    from mlpack.types import schema

    assert types.ColSpec is schema.ColSpec is ColSpec
    assert schema.DataType.double.to_numpy() == schema.DataType.double.to_pandas() == np.dtype("float64")
    assert schema.DataType.string.to_pandas() == np.dtype(object)
