"""``inputs`` and ``instances``, and what surrounds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest

from mlpack.datatypes import Array, DataType
from mlpack.errors import InvalidInput, LimitExceeded, MalformedPayload, SchemaMismatch
from mlpack.manifest import Model
from mlpack.payloads import Limits, Payload, decode
from mlpack.schema import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec
from mlpack.signature import ModelSignature

COLUMNS = Schema([ColSpec("double", "a"), ColSpec("long", "b")])
MATRIX = Schema([TensorSpec(np.dtype("float32"), (-1, 2))])
TENSORS = Schema([TensorSpec(np.dtype("float64"), (-1, 2), "x"), TensorSpec(np.dtype("int64"), (-1,), "y")])


def ask(body: Any, inputs: Schema | None = None, params: ParamSchema | None = None, **limits: int) -> Payload:
    signature = ModelSignature(inputs=inputs, params=params) if inputs or params else None
    return decode(orjson.dumps(body), None, Model(signature=signature), Limits(**limits))


def test_an_object_of_lists_is_columns_and_one_of_values_a_row() -> None:
    for body in ({"a": [1.5, 2], "b": [3, 4], "extra": [0, 0]}, [{"a": 1.5, "b": 3}, {"a": 2, "b": 4}]):
        table = ask({"inputs": body}, COLUMNS).data
        assert [column.tolist() for column in table.columns] == [[1.5, 2.0], [3, 4]]
    assert [column.tolist() for column in ask({"inputs": {"a": 1, "b": 3}}, COLUMNS).data.columns] == [[1.0], [3]]


def test_a_list_is_the_column_where_there_is_only_one() -> None:
    table = ask({"inputs": ["x", "y"]}, Schema([ColSpec("string", "text")])).data
    assert table.frame().to_dict("list") == {"text": ["x", "y"]}


@pytest.mark.parametrize("key", ["inputs", "instances"])
def test_lists_of_lists_have_no_names_for_named_columns(key: str) -> None:
    with pytest.raises(SchemaMismatch):
        ask({key: [[1.5, 2], [3, 4]]}, COLUMNS)


def test_a_tensor_is_of_its_dtype_and_shape() -> None:
    array = ask({"instances": [[1, 2.5], [3, 4]]}, MATRIX).data
    assert array.dtype == np.float32
    assert array.tolist() == [[1.0, 2.5], [3.0, 4.0]]
    with pytest.raises(SchemaMismatch, match="shape"):
        ask({"instances": [1, 2]}, MATRIX)
    with pytest.raises(SchemaMismatch, match="32 bits"):
        ask({"instances": [[1e300, 1]]}, MATRIX)


def test_named_tensors_come_as_columns_or_as_rows() -> None:
    for body in (
        {"inputs": {"x": [[1, 2], [3, 4]], "y": [5, 6]}},
        {"instances": [{"x": [1, 2], "y": 5}, {"x": [3, 4], "y": 6}]},
    ):
        arrays = ask(body, TENSORS).data
        assert arrays["x"].tolist() == [[1.0, 2.0], [3.0, 4.0]]
        assert arrays["y"].dtype == np.int64


def test_instances_are_of_one_length() -> None:
    with pytest.raises(MalformedPayload, match="same length"):
        ask({"instances": {"x": [[1, 2]], "y": [5, 6]}}, TENSORS)
    with pytest.raises(MalformedPayload, match="row 1"):
        ask({"instances": [{"a": 1}, {"b": 2}]})


def test_arrays_in_columns_come_as_arrays_where_mlflow_has_arrays() -> None:
    schema = Schema([ColSpec(Array(DataType.integer), "a")])
    cell = ask({"inputs": [{"a": [1, 2]}]}, schema).data.columns[0][0]
    assert cell.dtype == np.int32
    assert ask({"dataframe_records": [{"a": [1, 2]}]}, schema).data.columns[0][0] == [1, 2]


def test_without_a_signature_numpy_infers() -> None:
    assert ask({"inputs": [[1, 2], [3, 4]]}).data.dtype == np.int64
    assert ask({"inputs": {"a": ["x"]}}).data["a"].tolist() == ["x"]
    assert ask({"instances": [{"a": 1}, {"a": 2}]}).data["a"].tolist() == [1, 2]
    with pytest.raises(MalformedPayload, match="different lengths"):
        ask({"inputs": [[1, 2], [3]]})


def test_values_of_tensors_are_limited() -> None:
    for schema in (None, MATRIX):
        with pytest.raises(LimitExceeded, match="number of values"):
            ask({"inputs": [[1, 2]] * 6}, schema, cells=11)


@pytest.mark.parametrize(
    "schema", [None, Schema([TensorSpec(np.dtype("str"), (-1,))]), Schema([ColSpec(Array("string"), "a")])]
)
def test_one_long_text_does_not_widen_a_million_short_ones(schema: Schema | None) -> None:
    with pytest.raises(LimitExceeded, match="text in arrays") as caught:
        ask({"inputs": ["x" * 30_000, *["y"] * 30_000]}, schema)
    assert caught.value.option == "--max-array-bytes"


@pytest.mark.parametrize("body", [{}, {"foo": 1}, {"inputs": [1], "instances": [1]}, {"params": {}}, [], [1], 5, None])
def test_exactly_one_form_must_come(body: Any) -> None:
    with pytest.raises(MalformedPayload):
        ask(body)


def test_unknown_keys_beside_the_data_are_ignored() -> None:
    assert ask({"inputs": [1], "id": "x", "signature_name": "serving"}).data.tolist() == [1]


def test_params_come_by_the_signature_with_their_defaults() -> None:
    schema = ParamSchema([ParamSpec("t", "double", 0.5), ParamSpec("n", "long", 1)])
    assert ask({"inputs": [1], "params": {"t": 2, "unknown": 3}}, params=schema).params == {"t": 2.0, "n": 1}
    with pytest.raises(SchemaMismatch, match="t"):
        ask({"inputs": [1], "params": {"t": "hot"}}, params=schema)
    with pytest.raises(InvalidInput):
        ask({"inputs": [1], "params": [1]}, params=schema)


@pytest.mark.parametrize("params", [{"t": 1}, [], "x", None])
def test_params_are_ignored_where_the_signature_has_none(params: Any) -> None:
    assert not ask({"inputs": [1], "params": params}).params


def test_the_form_of_language_models_takes_params_from_the_top_level() -> None:
    schema = ParamSchema([ParamSpec("temperature", "double", 0.5)])
    payload = ask({"messages": [{"role": "user"}], "temperature": 1, "n": 2}, params=schema)
    assert payload == Payload({"messages": [{"role": "user"}], "n": 2}, {"temperature": 1.0}, wrapped=False)


def test_models_with_type_hints_get_inputs_as_they_are() -> None:
    model = Model(signature=ModelSignature(inputs=Schema([ColSpec("string")])), is_signature_from_type_hint=True)
    assert decode(b'{"inputs": ["a", {"b": 1}]}', None, model).data == ["a", {"b": 1}]
    with pytest.raises(MalformedPayload, match="'inputs'"):
        decode(b'{"instances": ["a"]}', None, model)
