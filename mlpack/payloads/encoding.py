"""Answers out: whatever a model returned, as strict JSON.

Frames become records, arrays nested lists; NaN, infinities and missing values become null at any depth; times become
ISO 8601 text; bytes become base64 without line breaks; 32-bit floats are widened, so that 0.1 is written as
0.10000000149011612; decimals keep every digit. Source of the shapes: MLflow 3.17, ``predictions_to_json``.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import sys
from collections.abc import Callable, Mapping, Set
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from mlpack.errors import UnwritableAnswer

if TYPE_CHECKING:
    import pandas as pd

#: What an unnamed Series' values are called, and the key that an answer is put under.
UNNAMED = "0"
PREDICTIONS = "predictions"

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME
_PLAIN_KINDS = "biuf"
_WIDEST_FLOAT = 8
_BITS = 64
_CALENDAR_UNITS = frozenset({"Y", "M", "W", "D"})
_PANDAS_UNITS = frozenset({"h", "m", "s", "ms", "us", "ns"})


def encode_json(predictions: Any, *, wrapped: bool = True) -> bytes:
    """Predictions as the JSON of an answer, under the key ``predictions`` unless ``wrapped`` is False.

    Raises UnwritableAnswer for values that JSON cannot hold, with their type.
    """
    options = _OPTIONS
    if type(predictions) is np.ndarray and predictions.ndim and predictions.dtype.kind in _PLAIN_KINDS:
        predictions = _contiguous(predictions)
        options |= orjson.OPT_SERIALIZE_NUMPY
    document = {PREDICTIONS: predictions} if wrapped else predictions
    try:
        return orjson.dumps(document, _default, options)
    except orjson.JSONEncodeError:  # often what orjson alone refuses: long integers, lone surrogates, keys
        pass
    try:
        return orjson.dumps(_plain(document), _default, _OPTIONS)
    except UnwritableAnswer:
        raise
    except (orjson.JSONEncodeError, RecursionError) as error:
        if isinstance(error.__cause__, UnwritableAnswer):
            raise error.__cause__ from None
        raise UnwritableAnswer("it is nested too deeply, or holds itself") from None


def _contiguous(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A numeric array as orjson takes it; floats of another width become doubles, which are written in full."""
    floating = array.dtype.kind == "f"
    return np.ascontiguousarray(array, np.float64 if floating else array.dtype.newbyteorder("="))


def _plain(value: Any) -> Any:
    """The same value with the long integers, lone surrogates and keys that orjson refuses in a form that it takes."""
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, Set)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str, orjson.Fragment)):
        return _leaf(value)
    try:
        simpler = _default(value)
    except UnwritableAnswer:  # or one of orjson's own kinds: it will say
        return value
    return _plain(simpler)


def _leaf(value: Any) -> Any:
    if isinstance(value, int) and value.bit_length() >= _BITS:
        return orjson.Fragment(str(int(value)))
    return orjson.Fragment(json.dumps(value)) if isinstance(value, str) and not value.isprintable() else value


def _key(key: Any) -> str:
    """A key of an object, as Python's json module writes it."""
    if isinstance(key, np.generic):
        key = key.item()
    if isinstance(key, str):
        return key.encode("utf-8", "backslashreplace").decode()
    if key is None or isinstance(key, (bool, int, float)):
        return json.dumps(key)
    raise UnwritableAnswer(f"JSON cannot hold a {type(key).__name__} as a name")


def _default(value: Any) -> Any:
    """The JSON-able form of a value that orjson does not know."""
    if isinstance(value, (np.ndarray, np.generic)):
        return _array(np.asanyarray(value))
    for kinds, written in _CONVERSIONS:
        if isinstance(value, kinds):
            return written(value)
    if (frame := _of_pandas(value)) is not _NOTHING:
        return frame
    for method in ("model_dump", "toarray", "tolist"):  # pydantic, SciPy's sparse matrices, arrays of any library
        if callable(converted := getattr(value, method, None)):
            return converted()
    raise UnwritableAnswer(f"JSON cannot hold a {type(value).__name__}")


def _array(array: np.ndarray[Any, Any]) -> Any:
    kind = array.dtype.kind
    if kind == "M":
        return np.array(_times(array.ravel()), object).reshape(array.shape).tolist()
    if kind == "m":
        import pandas as pd

        return np.array(list(pd.to_timedelta(array.ravel())), object).reshape(array.shape).tolist()
    if kind == "f" and array.dtype.itemsize > _WIDEST_FLOAT:
        array = array.astype(np.float64)
    return array.tolist()


def _times(array: np.ndarray[Any, Any]) -> list[str | None]:
    """ISO text of one dimension of datetime64: dates where the unit is a day or longer."""
    unit = np.datetime_data(array.dtype)[0]
    if unit in _PANDAS_UNITS:
        import pandas as pd

        return [_time(each) for each in pd.to_datetime(array)]
    days = array.astype("datetime64[D]") if unit in _CALENDAR_UNITS else array
    return [None if text == "NaT" else text for text in np.datetime_as_string(days).tolist()]


def _time(value: dt.datetime | dt.date | dt.time) -> str | None:
    text = value.isoformat()
    return None if text == "NaT" else text  # pandas' NaT is a datetime too


def _duration(value: dt.timedelta) -> str:
    import pandas as pd

    return pd.Timedelta(value).isoformat()


def _decimal(value: Decimal) -> Any:
    return orjson.Fragment(str(value)) if value.is_finite() else None


_CONVERSIONS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    ((dt.datetime, dt.date, dt.time), _time),
    (dt.timedelta, _duration),
    ((bytes, bytearray, memoryview), lambda value: base64.b64encode(value).decode("ascii")),
    (float, float),
    (Decimal, _decimal),
    (Mapping, dict),
    ((tuple, Set), list),
)
_NOTHING = object()


def _of_pandas(value: Any) -> Any:
    """Records of a frame or a Series, null for pandas' NA; without importing pandas where nobody else has."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return _NOTHING
    if isinstance(value, pandas.DataFrame):
        return _records(value)
    if isinstance(value, pandas.Series):
        name = UNNAMED if value.name is None else _key(value.name)
        return [{name: item} for item in column_values(value)]
    return None if value is pandas.NA else _NOTHING


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [_key(name) for name in frame.columns]
    if not names:
        return [{} for _ in range(len(frame))]
    columns = [column_values(series) for _, series in frame.items()]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def column_values(series: pd.Series[Any]) -> list[Any]:
    """The values of a Series as `encode_json` takes them: numbers are Python's own, times are text."""
    if isinstance(series.dtype, np.dtype):
        values: list[Any] = _array(series.to_numpy())
        return values
    return series.tolist()
