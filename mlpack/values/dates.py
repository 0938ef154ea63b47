"""Dates and times, to naive UTC in nanoseconds, where nothing is lost and nothing is guessed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np

from mlpack.values.kinds import Misfit, Source, each, is_missing, kind_of, kind_of_array
from mlpack.values.numbers import DType, NDArray, to_integers

_NANOSECONDS = np.dtype("datetime64[ns]")
_RANGE = np.array([-(2**63) // 1000 + 1, (2**63 - 1) // 1000], "datetime64[us]")
_TOO_FINE = re.compile(r"\.\d{9}\d*[1-9]")
_ONE_WAY = re.compile(r"^\s*\d{4}\D|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)


def to_datetimes(values: list[Any] | NDArray, dtype: DType, source: Source) -> NDArray:
    """Datetimes: of Python, numpy or pandas, as text, and in JSON as nanoseconds since 1970.

    Text is ISO 8601, or in one other format that can be read in one way only ("2 Jan 2024", but not "02/01/2024"). A
    time with a zone becomes UTC, one without is taken as it is. What nanoseconds since 1970 cannot hold is refused.
    """
    found = _nanoseconds_of(values, source)
    out = found.astype(dtype)
    lost = (out.astype(_NANOSECONDS) != found) & ~np.isnat(found)
    if lost.any():
        raise Misfit(f"a date that {dtype.name} cannot hold", row=int(lost.argmax()))
    return out


def _nanoseconds_of(values: list[Any] | NDArray, source: Source) -> NDArray:
    if isinstance(values, np.ndarray):
        if values.dtype.kind != "M":
            raise Misfit(kind_of_array(values))
        return _held(*_in_nanoseconds(values))
    present = [value for value in values if not is_missing(value)]
    if all(isinstance(value, str) for value in present):
        return _of_texts(values)
    if source is Source.JSON and not any(isinstance(value, (str, date)) for value in present):
        return _of_integers(values, present)
    each(values, lambda value: None if is_missing(value) else _check_date(value))
    return _held(*_parsed(values, None))


def _held(out: NDArray, lost: NDArray) -> NDArray:
    if lost.any():
        raise Misfit("a date that nanoseconds since 1970 cannot hold", row=int(lost.argmax()))
    return out


def _in_nanoseconds(values: NDArray) -> tuple[NDArray, NDArray]:
    """Datetimes of any unit in nanoseconds, and which of them nanoseconds cannot hold."""
    if values.dtype == _NANOSECONDS:
        return values, np.zeros(len(values), bool)
    if np.datetime_data(values.dtype)[0] in {"ps", "fs", "as"}:
        out = values.astype(_NANOSECONDS)
        return out, (out.astype(values.dtype) != values) & ~np.isnat(values)
    # Looked at before the cast, which some numpy let wrap around and others raise for; NaT is in no range.
    low, high = _RANGE.astype(values.dtype)
    lost = (values <= low) | (values > high)
    return np.where(lost, np.datetime64("NaT", "ns").astype(values.dtype), values).astype(_NANOSECONDS), lost


def _of_integers(values: list[Any], present: list[Any]) -> NDArray:
    out = np.full(len(values), "NaT", _NANOSECONDS)
    rows = [row for row, value in enumerate(values) if not is_missing(value)]
    try:
        out[rows] = to_integers(present, np.dtype(np.int64), Source.JSON).view(_NANOSECONDS)
    except Misfit as misfit:
        misfit.row = None if misfit.row is None else rows[misfit.row]
        raise
    return out


def _check_date(value: Any) -> None:
    if not isinstance(value, (date, np.datetime64)):
        raise Misfit(kind_of(value))


def _of_texts(values: list[Any]) -> NDArray:
    values = [None if is_missing(value) or value == "NaT" else str(value) for value in values]
    each(values, _check_text)
    out, bad = _parsed(values, "ISO8601")
    if bad.any() and (style := _style(values[int(bad.argmax())])):
        out, bad = _parsed(values, style)
    if bad.any():
        raise Misfit("text that is not a date in ISO 8601", row=int(bad.argmax()))
    return out


def _check_text(value: Any) -> None:
    # pandas reads these two as the time of the reading, and cuts off what is finer than a nanosecond.
    if isinstance(value, str) and value.strip().lower() in {"now", "today"}:
        raise Misfit("text that is not a date in ISO 8601")
    if isinstance(value, str) and _TOO_FINE.search(value):
        raise Misfit("a time that is finer than nanoseconds")


def _style(text: str) -> str | None:
    """The format of a date that can be read in one way only: the year comes first, or the month has a name."""
    try:
        from pandas.tseries.api import guess_datetime_format
    except ImportError:  # pandas 2.1 does not offer it
        return None
    return guess_datetime_format(text) if _ONE_WAY.search(text) else None


def _parsed(values: list[Any], style: str | None) -> tuple[NDArray, NDArray]:
    """What pandas reads, as naive UTC in nanoseconds, and where it could not."""
    import pandas as pd

    missing = np.array([is_missing(value) for value in values], bool)
    cleaned = [None if gone else value for value, gone in zip(values, missing, strict=True)]
    index = pd.to_datetime(pd.Index(cleaned, dtype=object), format=style, utc=True, errors="coerce")
    out, lost = _in_nanoseconds(index.tz_localize(None).to_numpy())
    return out, lost | (np.isnat(out) & ~missing)
