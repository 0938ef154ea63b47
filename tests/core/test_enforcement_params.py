"""Parameters of a prediction: converted by the one rule, filled up with their defaults."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpack.enforcement import enforce_params
from mlpack.errors import SchemaMismatch
from mlpack.schema import Object, ParamSchema, ParamSpec, Property

NOON = dt.datetime(2024, 1, 2, 12)
OPTIONS = Object([Property("n", "long"), Property("s", "string", required=False)])

ACCEPTED = [
    ("boolean", True, True),
    ("boolean", np.bool_(False), False),
    ("integer", 7, 7),
    ("long", 3.0, 3),
    ("long", np.int32(7), 7),
    ("float", 0.1, 0.1),
    ("float", np.float32(0.5), 0.5),
    ("double", 1, 1.0),
    ("double", np.float32(0.5), 0.5),
    ("string", np.str_("x"), "x"),
    ("string", "", ""),
    ("long", None, None),
    ("datetime", "2024-01-02", dt.date(2024, 1, 2)),
    ("datetime", "2024-01-02T12:00", NOON),
    ("datetime", "2024-01-02T13:00:00+01:00", NOON),
    ("datetime", "2024-01-02T12:00:00.000000000", NOON),
    ("datetime", "9999-01-02", dt.date(9999, 1, 2)),
    ("datetime", NOON.replace(tzinfo=dt.timezone.utc), NOON),
    ("datetime", dt.date(2024, 1, 2), dt.date(2024, 1, 2)),
    ("datetime", pd.Timestamp(NOON), NOON),
    ("datetime", np.datetime64(NOON, "ns"), NOON),
    (OPTIONS, {"n": 1}, {"n": 1}),
]

REFUSED = [
    ("boolean", 1, "an integer"),
    ("boolean", "true", "text"),
    ("integer", 2**40, "an integer that 32 bits cannot hold"),
    ("long", 1.5, "a number with a fraction"),
    ("long", "1", "text"),
    ("long", True, "a boolean"),
    ("long", [1], "a list"),
    ("double", "1.5", "text"),
    ("double", 2**53 + 1, "an integer that 64 bits of a float cannot hold"),
    ("float", 1e300, "a number that 32 bits cannot hold"),
    ("string", 1, "an integer"),
    ("string", float("nan"), "a missing value (null)"),
    ("datetime", 5, "an integer"),
    ("datetime", "now", "text that is not a date in ISO 8601"),
    ("datetime", "2024-99-01", "text that is not a date in ISO 8601"),
    ("datetime", "2024-99-01T00:00Z", "text that is not a date in ISO 8601"),
    ("datetime", "2024-01-02T00:00:00.000000001", "a time that is finer than microseconds"),
    ("datetime", pd.Timestamp(1), "a time that is finer than microseconds"),
    (OPTIONS, [1], "a list"),
    (OPTIONS, None, "a missing value (null)"),
]


@pytest.mark.parametrize(("type_", "value", "expected"), ACCEPTED, ids=str)
def test_a_parameter_reaches_the_model_as_a_type_of_python(type_: Any, value: Any, expected: Any) -> None:
    default = {"n": 0} if type_ is OPTIONS else None
    given = enforce_params({"k": value}, ParamSchema([ParamSpec("k", type_, default)]))
    assert given == {"k": expected}
    assert type(given["k"]) is type(expected)


@pytest.mark.parametrize(("type_", "value", "got"), REFUSED, ids=str)
def test_a_parameter_that_its_type_cannot_hold_is_refused(type_: Any, value: Any, got: str) -> None:
    default = {"n": 0} if type_ is OPTIONS else None
    with pytest.raises(SchemaMismatch) as caught:
        enforce_params({"k": value}, ParamSchema([ParamSpec("k", type_, default)]))
    assert (caught.value.field, caught.value.got) == ("params.k", got)


def test_a_list_is_converted_item_by_item() -> None:
    schema = ParamSchema([ParamSpec("k", "double", [0.5], (-1,))])
    assert enforce_params({"k": [1, None]}, schema) == {"k": [1.0, None]}
    assert enforce_params({"k": np.array([1, 2])}, schema) == {"k": [1.0, 2.0]}
    assert enforce_params({"k": []}, schema) == {"k": []}


@pytest.mark.parametrize(("value", "row"), [([1.5, "x"], 1), (1.5, None), (np.eye(2), None), (None, None)], ids=str)
def test_a_list_that_does_not_fit_is_refused(value: Any, row: int | None) -> None:
    schema = ParamSchema([ParamSpec("k", "double", [0.5], (-1,))])
    with pytest.raises(SchemaMismatch, match=r"'params\.k' expects a list of double") as caught:
        enforce_params({"k": value}, schema)
    assert caught.value.row == row


def test_what_is_wrong_inside_of_an_object_is_named() -> None:
    schema = ParamSchema([ParamSpec("k", OPTIONS, {"n": 0})])
    with pytest.raises(SchemaMismatch, match=r"'params\.k\.n' expects long, got text"):
        enforce_params({"k": {"n": "1"}}, schema)


def test_parameters_that_do_not_come_have_their_defaults() -> None:
    schema = ParamSchema([ParamSpec("a", "long", 1), ParamSpec("b", "long", None)])
    assert enforce_params({"b": 2}, schema) == {"a": 1, "b": 2}
    assert enforce_params(None, schema) == {"a": 1, "b": None}


def test_no_parameters_for_a_signature_without_any_are_none_at_all() -> None:
    assert enforce_params(None, None) is None
    assert enforce_params({}, None) == {}


def test_unknown_parameters_are_dropped_and_the_log_says_how_many(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert enforce_params({"secret": 1}, ParamSchema([ParamSpec("a", "long", 1)])) == {"a": 1}
        assert enforce_params({"secret": 1}, None) == {}
    assert caplog.messages == ["parameters that the signature does not have are ignored: 1"] * 2


def test_parameters_are_a_dictionary() -> None:
    with pytest.raises(SchemaMismatch, match="'params' expects an object, got a list"):
        enforce_params([1], None)  # type: ignore[arg-type]
