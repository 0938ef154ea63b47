"""For any value, type and source: the value arrives unchanged or is refused, and nothing else happens."""

from __future__ import annotations

import base64
import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from mlpack import schema as s
from mlpack.enforcement import Source, enforce, enforce_params, enforce_table, enforce_tensors
from mlpack.errors import InvalidInput

JSON_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**66), 2**66)
    | st.sampled_from([2**24 + 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1])
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["1", "-2.5", "1e3", "YQ==", "2024-01-02", "2024-01-02T03:04:05+02:00", "nan", "true", "now"])
)
JSON = st.recursive(
    JSON_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
PYTHON = (
    JSON
    | st.binary(max_size=4)
    | st.decimals()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.timezones())
    | st.complex_numbers()
    | st.sampled_from([pd.NA, pd.NaT, np.float32(0.1), np.int8(3), np.bool_(True), np.datetime64("2024"), np.str_("x")])
    | st.sampled_from([np.zeros(2), np.zeros((2, 2)), (1, 2), {1}, object(), np.timedelta64(1, "s")])
)
TYPES = st.sampled_from(
    [
        *s.DataType,
        s.AnyType(),
        s.Array("double"),
        s.Array(s.Array("string")),
        s.Map("long"),
        s.Object([s.Property("a", "float"), s.Property("b", s.Map(s.AnyType()), required=False)]),
    ]
)


@given(st.lists(PYTHON, max_size=3), TYPES, st.booleans(), st.sampled_from(Source))
@example([b"\xff"], s.DataType.string, True, Source.PYTHON)
@example([Decimal("Infinity"), Decimal("sNaN")], s.DataType.double, True, Source.PYTHON)
@example([Decimal("1e999999")], s.DataType.long, True, Source.PYTHON)
@example(["\ud800"], s.DataType.datetime, True, Source.JSON)
def test_a_column_is_converted_or_refused_and_raises_nothing_else(
    values: list[Any], type_: Any, required: bool, source: Source
) -> None:
    schema = s.Schema([s.ColSpec(type_, "a", required)])
    try:
        table = enforce_table(["a"], [values], schema, source=source)
    except InvalidInput as error:
        assert error.field is None or error.field.startswith("a")
    else:
        assert (len(table.columns[0]), table.rows) == (len(values), len(values))
        assert table.frame().shape == (len(values), 1)


@given(
    PYTHON | st.lists(PYTHON, max_size=3) | st.dictionaries(st.text(max_size=2), st.lists(PYTHON, max_size=2)), TYPES
)
def test_python_callers_get_data_or_a_refusal(data: Any, type_: Any) -> None:
    schemas = [
        s.Schema([s.ColSpec(type_)]),
        s.Schema([s.ColSpec(type_, "a")]),
        s.Schema([s.TensorSpec("float32", (-1,), "a")]),
    ]
    for schema in schemas:
        try:
            enforce(data, schema)
        except InvalidInput:
            continue


@given(
    JSON, st.sampled_from(["bool", "int8", "uint64", "float32", "float64", "str", "bytes", "datetime64[ns]", "object"])
)
def test_json_is_a_tensor_or_refused(data: Any, dtype: str) -> None:
    for shape in ((-1,), (-1, 2)):
        try:
            enforce_tensors(data, s.Schema([s.TensorSpec(dtype, shape)]), source=Source.JSON)
        except InvalidInput:
            continue


@given(PYTHON, st.sampled_from([each for each in s.DataType if each is not s.DataType.binary]), st.booleans())
def test_a_parameter_is_converted_or_refused_and_raises_nothing_else(value: Any, type_: s.DataType, many: bool) -> None:
    schema = s.ParamSchema([s.ParamSpec("k", type_, [] if many else None, (-1,) if many else None)])
    try:
        given = (enforce_params({"k": value}, schema) or {})["k"]
    except InvalidInput:
        return
    if type_ in {s.DataType.integer, s.DataType.long, s.DataType.double} and not many and given is not None:
        assert given != given or given == value or Decimal(repr(given)) == value


@given(st.integers(-(2**66), 2**66) | st.floats(), st.sampled_from(["integer", "long", "float", "double"]))
@example(2**53 + 1, "double")
@example(2**63 - 1, "double")
@example(float(2**63), "long")
def test_a_number_arrives_as_it_is_or_is_refused(value: float, type_: str) -> None:
    for column in ([value], [0, value], [0.0, value, None] if type_ in {"float", "double"} else [value]):
        try:
            table = enforce_table(["a"], [column], s.Schema([s.ColSpec(type_, "a")]), source=Source.PYTHON)
        except InvalidInput:
            continue
        arrived = table.columns[0][column.index(value) if value == value else -1].item()
        assert arrived == value or (arrived != arrived and value != value)


@given(st.floats(allow_nan=False), st.sampled_from([Source.JSON, Source.TEXT]))
def test_a_decimal_number_arrives_as_the_nearest_float(value: float, source: Source) -> None:
    written: Any = repr(value) if source is Source.TEXT else value
    schema = s.Schema([s.ColSpec("double", "a"), s.ColSpec("float", "b", required=False)])
    assert enforce_table(["a"], [[written]], schema, source=source).columns[0][0] == value
    with np.errstate(over="ignore", under="ignore"):
        narrow = np.float32(value)
    try:
        arrived = enforce_table(["a", "b"], [[written], [written]], schema, source=source).columns[1][0]
    except InvalidInput:
        whole = value.is_integer() and float(narrow) != value
        assert whole or bool(np.isinf(narrow)) != np.isinf(value) or (narrow == 0) != (value == 0)
    else:
        assert arrived == narrow


@given(st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.none()), max_size=4), st.booleans())
def test_the_three_sources_agree_on_integers(values: list[int | None], whole: bool) -> None:
    for type_ in ("integer", "long", "double"):
        written = [None if value is None else str(value) for value in values]
        answers = [_answer(values, type_, Source.PYTHON), _answer(values, type_, Source.JSON)]
        answers += [_answer(written, type_, Source.JSON), _answer(written, type_, Source.TEXT)]
        assert answers[1:] == answers[:-1]


@given(st.binary(max_size=8), st.text(max_size=8), st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)))
def test_the_three_sources_agree_on_bytes_text_and_dates(data: bytes, text: str, moment: dt.datetime) -> None:
    coded, iso = base64.b64encode(data).decode(), moment.isoformat()
    for written, python, type_ in ((coded, data, "binary"), (text, text, "string"), (iso, moment, "datetime")):
        answers = [_answer([written], type_, source) for source in (Source.JSON, Source.TEXT)]
        assert answers == [_answer([python], type_, Source.PYTHON)] * 2


def _answer(values: Any, type_: str, source: Source) -> Any:
    """What arrives, or None for a refusal."""
    try:
        return repr(
            enforce_table(["a"], [values], s.Schema([s.ColSpec(type_, "a")]), source=source).columns[0].tolist()
        )
    except InvalidInput:
        return None


@given(st.lists(st.floats(width=32), max_size=4), st.sampled_from(["float16", "float32", "float64", "longdouble"]))
def test_a_list_and_an_array_of_it_arrive_alike(values: list[float], dtype: str) -> None:
    with np.errstate(over="ignore"):
        array = np.array(values, dtype)
    for type_ in ("integer", "long", "float", "double"):
        assert _answer(array, type_, Source.PYTHON) == _answer(array.tolist(), type_, Source.PYTHON)
