"""Dates and times, to naive UTC in nanoseconds, where nothing is lost and nothing is guessed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np

from mlpack.values.kinds import Misfit, Source, each, is_missing, kind_of, kind_of_array
from mlpack.values.numbers import DType, NDArray, to_integers

_NANOSECONDS = np.dtype("datetime64[ns]")
_TOO_FINE = re.compile(r"\.\d{9}\d*[1-9]")
_ONE_WAY = re.compile(r"^\s*\d{4}\D|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)


def to_datetimes(values: list[Any] | NDArray, dtype: DType, source: Source) -> NDArray:
    """Datetimes: of Python, numpy or pandas, as text, and in JSON as nanoseconds since 1970.

    Text is ISO 8601, or in one other format that can be read in one way only ("2 Jan 2024", but not "02/01/2024"). A
    time with a zone becomes UTC, one without is taken as it is. What nanoseconds since 1970 cannot hold is refused.
    """
    if isinstance(values, np.ndarray):
        return _of_array(values, dtype, source)
    present = [value for value in values if not is_missing(value)]
    if all(isinstance(value, str) for value in present):
        return _of_texts(values).astype(dtype)
    if source is Source.JSON and not any(isinstance(value, (str, date)) for value in present):
        return _of_integers(values, present).astype(dtype)
    each(values, lambda value: None if is_missing(value) else _check_date(value))
    return _of_dates(values).astype(dtype)


def _of_array(values: NDArray, dtype: DType, source: Source) -> NDArray:
    if values.dtype.kind == "M":
        out = values.astype(dtype)
        # Overflow wraps around, and a coarser unit cuts off: either is seen on the way back.
        lost = (out.astype(values.dtype) != values) & ~np.isnat(values)
        if lost.any():
            raise Misfit("a date that nanoseconds since 1970 cannot hold", row=int(lost.argmax()))
        return out
    if values.dtype.kind in "iuf" and source is Source.JSON:
        return to_datetimes(values.tolist(), dtype, source)
    raise Misfit(kind_of_array(values))


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


def _of_dates(values: list[Any]) -> NDArray:
    out, bad = _parsed(values, None)
    if bad.any():
        raise Misfit("a date that nanoseconds since 1970 cannot hold", row=int(bad.argmax()))
    return out


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
    parsed = index.tz_localize(None).to_numpy()
    out = parsed.astype(_NANOSECONDS)
    # Overflow wraps around: it is seen on the way back.
    return out, (np.isnat(out) & ~missing) | (out.astype(parsed.dtype) != parsed) & ~np.isnat(parsed)
