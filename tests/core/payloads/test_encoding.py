from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from collections import OrderedDict, namedtuple
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from mlpack.errors import UnwritableAnswer
from mlpack.payloads import encode_json

Pair = namedtuple("Pair", "a b")
Color = Enum("Color", {"RED": "red"})


@dataclasses.dataclass
class Point:
    x: float


class Dumped:
    """Like a pydantic model."""

    def model_dump(self) -> dict[str, Any]:
        return {"a": np.float32(0.5)}


def written(predictions: Any) -> Any:
    """What a strict reader reads."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(encode_json(predictions, wrapped=False), parse_constant=refuse)


def test_answers_are_under_predictions_unless_they_are_not_wrapped() -> None:
    assert encode_json(np.array([1, 2])) == b'{"predictions":[1,2]}'
    assert encode_json({"choices": []}, wrapped=False) == b'{"choices":[]}'


@pytest.mark.parametrize(
    ("predictions", "expected"),
    [
        (np.array([1.5, np.nan, np.inf, -np.inf]), [1.5, None, None, None]),
        ({"a": [float("nan"), {"b": np.array([np.inf])}]}, {"a": [None, {"b": [None]}]}),
        (np.array([0.1], np.float32), [0.10000000149011612]),
        ([np.float32(0.1), {"a": np.float32(0.1)}], [0.10000000149011612, {"a": 0.10000000149011612}]),
        (np.array([0.1, np.nan], np.longdouble), [0.1, None]),
        (np.array([0.5], np.float16), [0.5]),
        (np.array([2**53 + 1, -(2**63)]), [2**53 + 1, -(2**63)]),
        (np.array([2**64 - 1], np.uint64), [2**64 - 1]),
        (np.array([[True, False]]), [[True, False]]),
        (np.arange(6).reshape(2, 3).T, [[0, 3], [1, 4], [2, 5]]),
        (np.array([1, 2], ">i4"), [1, 2]),
        (np.array(1.5), 1.5),
        (np.zeros((2, 0)), [[], []]),
        (np.array(["a", "é\u2028"]), ["a", "é\u2028"]),
        (np.array([b"\xfb\xff"]), ["+/8="]),
        (np.array([1, None, "x", b"q", np.float32(0.1)], object), [1, None, "x", "cQ==", 0.10000000149011612]),
        (np.ma.array([1.0, 2.0], mask=[False, True]), [1.0, None]),
        (np.array([(1, 2.5)], [("a", "i4"), ("b", "f8")]), [[1, 2.5]]),
        (scipy.sparse.eye(2).tocsr(), [[1, 0], [0, 1]]),
    ],
)
def test_arrays_become_nested_lists(predictions: Any, expected: Any) -> None:
    assert written(predictions) == expected


@pytest.mark.parametrize(
    ("predictions", "expected"),
    [
        (pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[7, 8]), [{"a": 1, "b": "x"}, {"a": 2, "b": None}]),
        (pd.DataFrame({0: np.array([0.1], np.float32), "n": [np.nan]}), [{"0": 0.10000000149011612, "n": None}]),
        (
            pd.DataFrame({"a": pd.array([1, None], "Int64"), "c": pd.Categorical(["x", None])}),
            [{"a": 1, "c": "x"}, {"a": None, "c": None}],
        ),
        (pd.DataFrame({"d": pd.to_datetime(["2024-01-02", "NaT"])}), [{"d": "2024-01-02T00:00:00"}, {"d": None}]),
        (pd.DataFrame(index=[0, 1]), [{}, {}]),
        (pd.Series([1.5, None]), [{"0": 1.5}, {"0": None}]),
        (pd.Series([1], name="score"), [{"score": 1}]),
        (pd.Index([1, 2]), [1, 2]),
        ([pd.DataFrame({"a": [1]}), {"s": pd.Series([2])}], [[{"a": 1}], {"s": [{"0": 2}]}]),
        ([pd.NA, pd.NaT, np.datetime64("NaT", "ns")], [None, None, None]),
    ],
)
def test_frames_become_records(predictions: Any, expected: Any) -> None:
    assert written(predictions) == expected


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (np.array(["2024-01-02T03:04:05.123456789", "NaT"], "M8[ns]"), ["2024-01-02T03:04:05.123456789", None]),
        (np.array([["2024-01-02"]], "M8[ns]"), [["2024-01-02T00:00:00"]]),
        (np.array(["2024-01-02", "NaT"], "M8[D]"), ["2024-01-02", None]),
        (np.array(["2024-01-02T03"], "M8[h]"), ["2024-01-02T03:00:00"]),
        ([np.datetime64("2024-01-02T03:04:05")], ["2024-01-02T03:04:05"]),
        (
            [dt.datetime(2024, 1, 2, 3, 4, 5, 6), dt.date(2024, 1, 2), dt.time(3, 4)],
            ["2024-01-02T03:04:05.000006", "2024-01-02", "03:04:00"],
        ),
        (pd.Timestamp("2024-01-02", tz="UTC"), "2024-01-02T00:00:00+00:00"),
        (np.array([90, "NaT"], "m8[s]"), ["P0DT0H1M30S", None]),
        ([dt.timedelta(days=1)], ["P1DT0H0M0S"]),
    ],
)
def test_times_are_iso_text_everywhere(time: Any, expected: Any) -> None:
    assert written(time) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": (1, 2), "b": {3}, "c": frozenset()}, {"a": [1, 2], "b": [3], "c": []}),
        ([b"x" * 100, bytearray(b"x")], ["eHh4" * 33 + "eA==", "eA=="]),
        ([Decimal("0.1"), Decimal("NaN")], [0.1, None]),
        ([Dumped(), Pair(1, 2), Point(0.5), Color.RED], [{"a": 0.5}, [1, 2], {"x": 0.5}, "red"]),
        ([uuid.UUID(int=1), 2**70, -(2**70)], [str(uuid.UUID(int=1)), 2**70, -(2**70)]),
        ([OrderedDict(a=1), MappingProxyType({"b": np.int8(2)})], [{"a": 1}, {"b": 2}]),
        (
            {1: "a", None: "b", 1.5: "c", False: "d", np.int64(7): "e"},
            {"1": "a", "null": "b", "1.5": "c", "false": "d", "7": "e"},
        ),
        ({"big": np.array([2**70, np.float32(0.1)], object)}, {"big": [2**70, 0.10000000149011612]}),
        ("text", "text"),
        (None, None),
        (np.float64(1.5), 1.5),
        (float("nan"), None),
        ("\x00\ud800", "\x00\ud800"),
        (pd.DataFrame({"a": [{"big": 2**70}]}), [{"a": {"big": 2**70}}]),
    ],
)
def test_anything_with_an_obvious_form_is_written(value: Any, expected: Any) -> None:
    assert written(value) == expected


def test_decimals_keep_every_digit() -> None:
    assert encode_json(Decimal("12345678901234567890.10"), wrapped=False) == b"12345678901234567890.10"


LOOP: list[Any] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (1j, "complex"),
        (np.array([1j]), "complex"),
        (object(), "object"),
        ((number for number in [1]), "generator"),
        ({(1, 2): 3}, "tuple"),
        (pd.DataFrame({("a", "b"): [1]}), "tuple"),
        ([2**70, object()], "object"),
        (LOOP, "nested too deeply"),
    ],
)
def test_what_json_cannot_hold_is_the_models_fault(value: Any, what: str) -> None:
    with pytest.raises(UnwritableAnswer, match=what):
        encode_json(value)
