"""Signatures: what is inferred equals what MLflow infers, and their JSON is read back."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.models import ModelSignature, infer_signature
from mlpack.schema import ColSpec, DataType, ParamSchema, ParamSpec, Schema
from tests.core.signature_examples import INPUTS, PARAMS

EXPECTED: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "signatures.json").read_text())


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_are_inferred_as_mlflow_infers_them(name: str) -> None:
    signature = infer_signature(INPUTS[name]()).to_dict()
    assert json.loads(signature["inputs"] or "null") == EXPECTED["inputs"][name]


@pytest.mark.parametrize("name", PARAMS)
def test_params_are_inferred_as_mlflow_infers_them(name: str) -> None:
    expected = EXPECTED["params"][name]
    if expected is None:
        with pytest.raises(InvalidArgument, match="'p'"):
            infer_signature(1.5, params={"p": PARAMS[name]()})
    else:
        signature = infer_signature(1.5, params={"p": PARAMS[name]()}).to_dict()
        assert json.loads(signature["params"] or "null") == expected


def test_every_example_has_an_expected_answer_and_the_other_way_round() -> None:
    assert set(EXPECTED["inputs"]) == set(INPUTS)
    assert set(EXPECTED["params"]) == set(PARAMS)


def test_a_signature_is_read_back_from_what_it_wrote() -> None:
    frame = pd.DataFrame({"a": [1.5], "b": ["x"]})
    signature = infer_signature(frame, np.zeros(3), {"k": 1, "when": np.datetime64("2024-01-02")})
    again = ModelSignature.from_dict(signature.to_dict())
    assert again == signature
    assert repr(again).splitlines()[1] == "  ['a': double, 'b': string]"


def test_parts_that_are_missing_are_null() -> None:
    signature = infer_signature([1.5])
    assert signature.to_dict() == {"inputs": '[{"type": "double", "required": true}]', "outputs": None, "params": None}
    assert ModelSignature.from_dict({"inputs": signature.to_dict()["inputs"]}) == signature


def test_an_example_that_no_schema_describes_says_so_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        infer_signature({1, 2})
    assert "a value of type set" in caplog.text


def test_a_signature_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="inputs, outputs or params"):
        infer_signature()


def test_a_part_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="made of a Schema, got dict"):
        ModelSignature(inputs={"a": "double"})  # type: ignore[arg-type]


def test_params_may_be_the_only_part() -> None:
    signature = ModelSignature(params=ParamSchema([ParamSpec("k", "long", 1)]))
    assert json.loads(signature.to_dict()["params"] or "") == [
        {"name": "k", "default": 1, "shape": None, "type": "long"}
    ]


def test_a_signature_whose_json_is_broken_is_a_broken_package() -> None:
    with pytest.raises(InvalidPackage, match="cannot be read"):
        ModelSignature.from_dict({"inputs": "[{"})


def test_signatures_of_equal_parts_are_equal() -> None:
    one, other = (ModelSignature(Schema([ColSpec(DataType.long, name)])) for name in "ab")
    assert one == ModelSignature(Schema([ColSpec("long", "a")]))
    assert one != other
