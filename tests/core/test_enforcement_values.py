"""The one lossless rule, value by value: what a type can hold exactly is converted, all else is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pandas.tseries.api
import pytest

from mlpack.enforcement import Source, enforce_table
from mlpack.errors import SchemaMismatch
from mlpack.schema import ColSpec, Schema

ALL = (Source.PYTHON, Source.JSON, Source.TEXT)
JSON = (Source.JSON,)
TEXT = (Source.TEXT,)
PYTHON = (Source.PYTHON,)
WRITTEN = (Source.JSON, Source.TEXT)
TYPED = (Source.PYTHON, Source.JSON)
MOMENT = dt.datetime(2024, 1, 2, 3, 4, 5)

ACCEPTED = [
    ("boolean", TYPED, True, np.bool_(True)),
    ("boolean", TEXT, "false", np.bool_(False)),
    ("boolean", TEXT, "TRUE", np.bool_(True)),
    ("boolean", TEXT, "1", np.bool_(True)),
    ("boolean", PYTHON, np.bool_(True), np.bool_(True)),
    ("integer", TYPED, 7, np.int32(7)),
    ("integer", TYPED, 1.0, np.int32(1)),
    ("integer", TYPED, -(2**31), np.int32(-(2**31))),
    ("integer", WRITTEN, " 12 ", np.int32(12)),
    ("integer", TEXT, "1.0", np.int32(1)),
    ("integer", TEXT, "1e3", np.int32(1000)),
    ("integer", PYTHON, np.uint8(7), np.int32(7)),
    ("integer", PYTHON, Decimal("7.0"), np.int32(7)),
    ("long", TYPED, 2**63 - 1, np.int64(2**63 - 1)),
    ("long", TYPED, 1e18, np.int64(10**18)),
    ("float", TYPED, 0.5, np.float32(0.5)),
    ("float", JSON, 0.1, np.float32(0.1)),
    ("float", WRITTEN, "0.1", np.float32(0.1)),
    ("float", TYPED, 2**24, np.float32(2**24)),
    ("float", TYPED, float("inf"), np.float32("inf")),
    ("float", PYTHON, np.float16(0.1), np.float32(np.float16(0.1))),
    ("double", TYPED, 0.1, np.float64(0.1)),
    ("double", TYPED, 3, np.float64(3)),
    ("double", TYPED, 2**53, np.float64(2**53)),
    ("double", TYPED, 2**60, np.float64(2**60)),
    ("double", WRITTEN, "12.5", np.float64(12.5)),
    ("double", WRITTEN, "-1e-3", np.float64(-0.001)),
    ("double", WRITTEN, "-Infinity", np.float64("-inf")),
    ("double", PYTHON, np.float32(0.5), np.float64(0.5)),
    ("double", PYTHON, Decimal("0.1"), np.float64(0.1)),
    ("string", ALL, "x", "x"),
    ("string", ALL, "", ""),
    ("string", PYTHON, np.str_("x"), "x"),
    ("binary", PYTHON, b"a\0", b"a\0"),
    ("binary", WRITTEN, "YQA=", b"a\0"),
    ("binary", WRITTEN, "YQ\r\n==\n", b"a"),
    ("binary", WRITTEN, "", b""),
    ("datetime", ALL, "2024-01-02", np.datetime64("2024-01-02", "ns")),
    ("datetime", ALL, "2024-01-02T03:04:05.123456789", np.datetime64("2024-01-02T03:04:05.123456789", "ns")),
    ("datetime", ALL, "2024-01-02 03:04:05+02:00", np.datetime64("2024-01-02T01:04:05", "ns")),
    ("datetime", ALL, "2024-01-02T03:04:05Z", np.datetime64(MOMENT, "ns")),
    ("datetime", ALL, "2024/01/02", np.datetime64("2024-01-02", "ns")),
    ("datetime", JSON, 1_704_067_200_000_000_001, np.datetime64(1_704_067_200_000_000_001, "ns")),
    ("datetime", PYTHON, MOMENT, np.datetime64(MOMENT, "ns")),
    ("datetime", PYTHON, MOMENT.replace(tzinfo=dt.timezone.utc), np.datetime64(MOMENT, "ns")),
    ("datetime", PYTHON, dt.date(2024, 1, 2), np.datetime64("2024-01-02", "ns")),
    ("datetime", PYTHON, pd.Timestamp(MOMENT), np.datetime64(MOMENT, "ns")),
    ("datetime", PYTHON, np.datetime64("2024-01-02"), np.datetime64("2024-01-02", "ns")),
]

REFUSED = [
    ("boolean", ALL, None, "a missing value (null)"),
    ("boolean", TYPED, 1, "an integer"),
    ("boolean", TYPED, "true", "text"),
    ("boolean", TEXT, "abc", "text"),
    ("integer", ALL, None, "a missing value (null)"),
    ("integer", TYPED, float("nan"), "a missing value (null)"),
    ("integer", TYPED, 1.5, "a number with a fraction"),
    ("integer", TYPED, True, "a boolean"),
    ("integer", TYPED, 2**40, "an integer that 32 bits cannot hold"),
    ("integer", TYPED, 1e30, "an integer that 32 bits cannot hold"),
    ("integer", TYPED, float("inf"), "an infinite number"),
    ("integer", PYTHON, "1", "text"),
    ("integer", JSON, "1.0", "text that is not an integer"),
    ("integer", TEXT, "1.5", "a number with a fraction"),
    ("integer", TEXT, "1e999999999", "a number that is too large"),
    ("integer", WRITTEN, "1_0", "text that is not an integer"),
    ("integer", WRITTEN, "\u0661", "text that is not an integer"),
    ("integer", WRITTEN, "9" * 5000, "a long text"),
    ("integer", WRITTEN, str(2**31), "an integer that 32 bits cannot hold"),
    ("integer", PYTHON, Decimal("1.5"), "a number with a fraction"),
    ("long", TYPED, 2**63, "an integer that 64 bits cannot hold"),
    ("long", TYPED, float(2**63), "an integer that 64 bits cannot hold"),
    ("float", PYTHON, 0.1, "a number that 32 bits cannot hold"),
    ("float", TYPED, 1e300, "a number that 32 bits cannot hold"),
    ("float", TYPED, 1e-300, "a number that 32 bits cannot hold"),
    ("float", WRITTEN, "1e300", "a number that 32 bits cannot hold"),
    ("float", TYPED, 2**24 + 1, "an integer that 32 bits of a float cannot hold"),
    ("double", TYPED, 2**53 + 1, "an integer that 64 bits of a float cannot hold"),
    ("double", WRITTEN, str(2**53 + 1), "an integer that 64 bits of a float cannot hold"),
    ("double", TYPED, 10**400, "an integer that 64 bits of a float cannot hold"),
    ("double", WRITTEN, "1e400", "a number that a double cannot hold"),
    ("double", WRITTEN, "1,5", "text that is not a number"),
    ("double", WRITTEN, "", "text that is not a number"),
    ("double", WRITTEN, "1_0", "text that is not a number"),
    ("double", PYTHON, "1.5", "text"),
    ("double", TYPED, True, "a boolean"),
    ("double", TYPED, [1.5], "a list"),
    ("double", TYPED, {"a": 1}, "an object"),
    ("double", PYTHON, 1j, "a value of type complex"),
    (
        "double",
        PYTHON,
        Decimal("0.1000000000000000055511151231257827"),
        "a number with more digits than a double holds",
    ),
    ("string", TYPED, 1, "an integer"),
    ("string", TYPED, 1.5, "a number with a fraction"),
    ("string", PYTHON, b"a", "bytes"),
    ("binary", PYTHON, "YQ==", "text"),
    ("binary", WRITTEN, "YQ", "text that is not base64"),
    ("binary", WRITTEN, "Y-==", "text that is not base64"),
    ("binary", WRITTEN, "\u00e9===", "text that is not base64"),
    ("binary", WRITTEN, "YR==", "text that is not canonical base64"),
    ("binary", JSON, 1, "an integer"),
    ("datetime", ALL, "now", "text that is not a date in ISO 8601"),
    ("datetime", ALL, "", "text that is not a date in ISO 8601"),
    ("datetime", ALL, "01/02/2024", "text that is not a date in ISO 8601"),
    ("datetime", ALL, "2024-13-01", "text that is not a date in ISO 8601"),
    ("datetime", ALL, "9999-01-01", "text that is not a date in ISO 8601"),
    ("datetime", ALL, "2024-01-02T00:00:00.1234567891", "a time that is finer than nanoseconds"),
    ("datetime", JSON, 1.5, "a number with a fraction"),
    ("datetime", JSON, True, "a boolean"),
    ("datetime", JSON, 2**63, "an integer that 64 bits cannot hold"),
    ("datetime", PYTHON, 1_704_067_200_000_000_000, "an integer"),
    ("datetime", PYTHON, dt.date(9999, 1, 1), "a date that nanoseconds since 1970 cannot hold"),
    ("datetime", PYTHON, dt.timedelta(1), "a value of type timedelta"),
]


def _flat(cases: list[tuple[str, tuple[Source, ...], Any, Any]]) -> list[Any]:
    return [
        pytest.param(type_, source, value, outcome, id=f"{source.value}: {str(value)[:30]!r} into {type_}")
        for type_, sources, value, outcome in cases
        for source in sources
    ]


@pytest.mark.parametrize(("type_", "source", "value", "expected"), _flat(ACCEPTED))
def test_a_value_that_the_type_can_hold_is_converted(type_: str, source: Source, value: Any, expected: Any) -> None:
    column = enforce_table(["a"], [[value]], Schema([ColSpec(type_, "a")]), source=source).columns[0]
    assert column[0] == expected
    assert type(column[0]) is type(expected) or isinstance(value, np.str_)
    assert column.dtype == (object if type_ in {"string", "binary"} else expected.dtype)


@pytest.mark.parametrize(("type_", "source", "value", "got"), _flat(REFUSED))
def test_a_value_that_the_type_cannot_hold_is_refused(type_: str, source: Source, value: Any, got: str) -> None:
    good = {"string": "x", "binary": b"" if source is Source.PYTHON else ""}.get(type_)
    with pytest.raises(SchemaMismatch) as caught:
        enforce_table(["a"], [[value]], Schema([ColSpec(type_, "a")]), source=source)
    assert (caught.value.field, caught.value.expected, caught.value.got, caught.value.row) == ("a", type_, got, 0)
    if good is not None:
        with pytest.raises(SchemaMismatch) as caught:
            enforce_table(["a"], [[good, value]], Schema([ColSpec(type_, "a")]), source=source)
        assert caught.value.row == 1


@pytest.mark.skipif(not hasattr(pandas.tseries.api, "guess_datetime_format"), reason="pandas 2.1 reads ISO 8601 alone")
@pytest.mark.parametrize("text", ["Jan 2, 2024", "2 January 2024 00:00", "Tue, 02 Jan 2024 00:00:00 GMT"])
def test_a_date_with_the_name_of_the_month_is_read(text: str) -> None:
    table = enforce_table(["a"], [[text]], Schema([ColSpec("datetime", "a")]), source=Source.JSON)
    assert table.columns[0][0] == np.datetime64("2024-01-02", "ns")


MISSING = (None, float("nan"), pd.NA, pd.NaT, np.float32("nan"), np.datetime64("NaT", "ns"))


@pytest.mark.parametrize("missing", MISSING, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("type_", ["float", "double", "datetime"])
def test_what_is_missing_becomes_the_missing_value_of_the_type(type_: str, missing: Any) -> None:
    present = "2024-01-02" if type_ == "datetime" else 1.5
    table = enforce_table(["a"], [[missing, present]], Schema([ColSpec(type_, "a")]), source=Source.JSON)
    assert list(pd.isna(table.columns[0])) == [True, False]


@pytest.mark.parametrize("missing", MISSING, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("type_", ["boolean", "integer", "long"])
def test_what_is_missing_is_refused_where_a_type_has_no_place_for_it(type_: str, missing: Any) -> None:
    for source in ALL:
        with pytest.raises(SchemaMismatch, match=r"got a missing value \(null\) in row 0"):
            enforce_table(["a"], [[missing]], Schema([ColSpec(type_, "a")]), source=source)


def test_what_is_missing_stays_in_text_and_bytes() -> None:
    schema = Schema([ColSpec("string", "a"), ColSpec("binary", "b")])
    table = enforce_table(["a", "b"], [["x", None], ["YQ==", None]], schema, source=Source.JSON)
    assert [list(column) for column in table.columns] == [["x", None], [b"a", None]]


def test_a_missing_cell_of_text_is_the_one_that_pandas_reads_from_csv() -> None:
    table = enforce_table(["a"], [["x", None]], Schema([ColSpec("string", "a")]), source=Source.TEXT)
    assert table.columns[0][0] == "x"
    assert np.isnan(table.columns[0][1])


def test_what_is_missing_in_an_optional_column_is_kept() -> None:
    schema = Schema([ColSpec(type_, type_, required=False) for type_ in ("boolean", "integer", "long")])
    columns: list[list[Any]] = [[None, True], [None, 7], [2**53, None]]
    table = enforce_table(["boolean", "integer", "long"], columns, schema, source=Source.JSON)
    assert list(table.columns[0]) == [None, True]
    assert [column.dtype.name for column in table.columns] == ["object", "float64", "float64"]
    assert (np.isnan(table.columns[1][0]), table.columns[2][0]) == (True, 2**53)


def test_an_optional_column_without_anything_missing_has_the_dtype_of_its_type() -> None:
    schema = Schema([ColSpec("boolean", "a", required=False), ColSpec("integer", "b", required=False)])
    table = enforce_table(["a", "b"], [[True], np.array([1])], schema, source=Source.PYTHON)
    assert [column.dtype.name for column in table.columns] == ["bool", "int32"]


def test_a_long_beside_something_missing_must_fit_into_a_double() -> None:
    schema = Schema([ColSpec("long", "a", required=False)])
    with pytest.raises(SchemaMismatch) as caught:
        enforce_table(["a"], [[None, 2**53 + 1]], schema, source=Source.JSON)
    assert caught.value.row == 1


def test_the_value_itself_is_never_in_the_message() -> None:
    with pytest.raises(SchemaMismatch) as caught:
        enforce_table(["age"], [[1, "secret"]], Schema([ColSpec("integer", "age")]), source=Source.JSON)
    assert str(caught.value) == "'age' expects integer, got text that is not an integer in row 1"


ARRAYS = [
    (np.array([1, 2], np.int8), "integer", np.int32),
    (np.array([1, 2], np.uint64), "long", np.int64),
    (np.array([1.0, 2.0]), "integer", np.int32),
    (np.array([2**53 + 2]), "double", np.float64),
    (np.array([0.5, np.nan]), "float", np.float32),
    (np.array([1.5], np.longdouble), "double", np.float64),
    (np.array(["2024-01-02"], "M8[D]"), "datetime", "M8[ns]"),
    (np.array(["1677-09-22", "2262-04-11", "NaT"], "M8[D]"), "datetime", "M8[ns]"),
    (np.array([2**63 - 1, -(2**63) + 1]).view("M8[ns]"), "datetime", "M8[ns]"),
    (np.array([1_000_000], "M8[fs]"), "datetime", "M8[ns]"),
    (np.array(["x", "y"]), "string", object),
    (np.array([b"x"]), "binary", object),
    (np.array([1, 2], object), "long", np.int64),
]


@pytest.mark.parametrize(("array", "type_", "dtype"), ARRAYS, ids=str)
def test_an_array_is_converted_as_a_whole(array: Any, type_: str, dtype: Any) -> None:
    column = enforce_table(["a"], [array], Schema([ColSpec(type_, "a")]), source=Source.PYTHON).columns[0]
    assert column.dtype == dtype
    np.testing.assert_array_equal(column, array)


REFUSED_ARRAYS = [
    (np.array([1, 2**31]), "integer", 1),
    (np.array([2**63], np.uint64), "long", 0),
    (np.array([2**53 + 1]), "double", 0),
    (np.array([2**63 - 1]), "double", 0),
    (np.array([0.5, 0.1]), "float", 1),
    (np.array([1.0, np.nan]), "long", 1),
    (np.array([True]), "integer", None),
    (np.array([1]), "boolean", None),
    (np.array([1j]), "double", None),
    (np.array([1]), "datetime", None),
    (np.array(["9999-01-01"], "M8[s]"), "datetime", 0),
    (np.array([1], "M8[ps]"), "datetime", 0),
    (np.array(["1677-09-21"], "M8[D]"), "datetime", 0),
    (np.array(["2262-04-11", "2262-04-12"], "M8[D]"), "datetime", 1),
    (np.array([1], "m8[ns]"), "long", None),
    (np.array([[1.5]]), "double", None),
    (np.array([1.5]), "string", None),
    (np.array(["x"]), "binary", 0),
    (np.array(["x"]), "double", 0),
]


@pytest.mark.parametrize(("array", "type_", "row"), REFUSED_ARRAYS, ids=str)
def test_an_array_that_a_type_cannot_hold_is_refused(array: Any, type_: str, row: int | None) -> None:
    with pytest.raises(SchemaMismatch) as caught:
        enforce_table(["a"], [array], Schema([ColSpec(type_, "a")]), source=Source.PYTHON)
    assert caught.value.row == row


SERIES = [
    (pd.Series([1, 2], dtype="Int64"), "integer", [1, 2]),
    (pd.Series([1, None], dtype="Int64"), "double", [1.0, np.nan]),
    (pd.Series([1.5, None], dtype="Float32"), "double", [1.5, np.nan]),
    (pd.Series([True, False], dtype="boolean"), "boolean", [True, False]),
    (pd.Series(["x", "y"], dtype="string"), "string", ["x", "y"]),
    (pd.Series(["x", "y"], dtype="category"), "string", ["x", "y"]),
    (pd.Series([1, 2], dtype="category"), "long", [1, 2]),
    (pd.Series(pd.arrays.SparseArray([0.0, 1.5])), "double", [0.0, 1.5]),
    (pd.Series(pd.to_datetime(["2024-01-02T02:00+02:00"])), "datetime", [np.datetime64("2024-01-02", "ns")]),
]


@pytest.mark.parametrize(("series", "type_", "expected"), SERIES, ids=lambda value: getattr(value, "dtype", None))
def test_the_own_dtypes_of_pandas_are_read(series: Any, type_: str, expected: list[Any]) -> None:
    column = enforce_table(["a"], [series], Schema([ColSpec(type_, "a")]), source=Source.PYTHON).columns[0]
    np.testing.assert_array_equal(column, expected)


@pytest.mark.parametrize(("dtype", "type_"), [("Int64", "long"), ("boolean", "boolean")])
def test_a_nullable_column_is_refused_where_there_is_no_place_for_what_is_missing(dtype: Any, type_: str) -> None:
    series = pd.Series([1, None], dtype=dtype)
    with pytest.raises(SchemaMismatch, match=r"missing value \(null\) in row 1"):
        enforce_table(["a"], [series], Schema([ColSpec(type_, "a")]), source=Source.PYTHON)
