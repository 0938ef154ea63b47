"""Type hints: the schema that they stand for, and data made to fit them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Optional, Union

import numpy as np
import pandas as pd
import pytest

from mlpack.errors import SchemaMismatch
from mlpack.schema import AnyType, Array, ColSpec, DataType, Map, Schema
from mlpack.type_hints import conform, is_checked, schema_of


@pytest.mark.parametrize(
    ("hint", "type_"),
    [
        (list[str], DataType.string),
        (int, DataType.long),
        (list[datetime], DataType.datetime),
        (list[Any], AnyType()),
        (list[list[bytes]], Array(DataType.binary)),
        (list[dict[str, list[float]]], Map(Array(DataType.double))),
        (list[int | str], AnyType()),
        (list[Union[int, str]], AnyType()),  # noqa: UP007  the older spelling is another type
    ],
)
def test_a_hint_stands_for_one_unnamed_column(hint: Any, type_: Any) -> None:
    assert schema_of(hint) == Schema([ColSpec(type_)])


@pytest.mark.parametrize(
    "hint", [None, list, pd.DataFrame, np.ndarray, list[complex], list[dict[int, str]], list[int | None]]
)
def test_a_hint_that_says_too_little_stands_for_nothing(hint: Any) -> None:
    assert schema_of(hint) is None


def test_only_lists_are_checked() -> None:
    assert (is_checked(list[int]), is_checked(int), is_checked(list)) == (True, False, False)


@pytest.mark.parametrize(
    ("data", "hint", "expected"),
    [
        (["a"], list[str], ["a"]),
        ([1, 2.0, np.int32(3), True], list[int], [1, 2, 3, True]),
        ([1, 0.5], list[float], [1.0, 0.5]),
        (["YWI=", b"c"], list[bytes], [b"ab", b"c"]),
        (["2024-01-02T03:04:05Z"], list[datetime], [datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone.utc)]),
        ([{"a": [1]}], list[dict[str, list[float]]], [{"a": [1.0]}]),
        ([None, 1], list[int | str | None], [None, 1]),
        ([{"a": None}], list[dict[str, Optional[int]]], [{"a": None}]),  # noqa: UP045  the older spelling
        (np.array([1, 2]), list[int], [1, 2]),
    ],
)
def test_data_are_converted_where_nothing_is_lost(data: Any, hint: Any, expected: Any) -> None:
    converted = conform(data, hint)
    assert converted == expected
    assert [type(value) for value in converted] == [type(value) for value in expected]


@pytest.mark.parametrize(
    ("data", "hint", "message"),
    [
        ("abc", list[str], "'input' expects a list, got text"),
        ([1.5], list[int], r"'input\[0\]' expects int, got a number with a fraction"),
        (["1"], list[int], r"'input\[0\]' expects int, got text"),
        ([2**60 + 1], list[float], r"'input\[0\]' expects float"),
        (["a", None], list[str], r"'input\[1\]' expects str, got a missing value"),
        (["?"], list[bytes], "not base64"),
        (["soon"], list[datetime], "not a date in ISO 8601"),
        ([{"a": [1, "b"]}], list[dict[str, list[int]]], r"'input\[0\]\.a\[1\]' expects int, got text"),
        ([{1: 2}], list[dict[str, int]], "expects a dictionary with texts as keys"),
        ([[1], 2], list[list[int]], r"'input\[1\]' expects a list"),
    ],
)
def test_data_that_do_not_fit_are_refused_with_the_path_to_what_does_not(data: Any, hint: Any, message: str) -> None:
    with pytest.raises(SchemaMismatch, match=message):
        conform(data, hint)


def test_a_table_becomes_a_list_of_its_texts_of_its_rows_or_of_its_one_column() -> None:
    table = pd.DataFrame({"n": [1.0, np.nan], "text": ["a", "b"]})
    assert conform(table, list[str]) == ["a", "b"]
    assert conform(table, list[dict[str, Any]]) == [{"n": 1.0, "text": "a"}, {"n": None, "text": "b"}]
    assert conform(pd.DataFrame({"n": [1, 2]}), list[int]) == [1, 2]
    assert conform(pd.DataFrame([[{"a": 1}]]), list[dict[str, int]]) == [{"a": 1}]


def test_dictionaries_become_models_of_pydantic_whose_own_checks_are_strict() -> None:
    pydantic = pytest.importorskip("pydantic")
    message = pydantic.create_model("Message", role=(str, ...), turn=(int, 0))
    assert conform([{"role": "user"}], list[message]) == [message(role="user", turn=0)]  # type: ignore[valid-type]
    assert str(schema_of(list[message])) == str(schema_of(message))  # type: ignore[valid-type]
    with pytest.raises(ValueError, match=r"'input\.0\.role'|'input\[0\]\.turn' does not fit Message"):
        conform([{"role": "user", "turn": "1"}], list[message])  # type: ignore[valid-type]
