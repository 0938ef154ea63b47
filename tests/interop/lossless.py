"""What a column of one type has to make of one cell: the rule of docs/from-mlflow.md, not in the library's words.

The answer is what the echo of the catalogue tells of the column: its dtype and its value. None says: refused.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pandas as pd

Told = list[Any] | None

#: Optional columns of types that have no missing value of their own are widened to one that has.
MISSING = {
    "boolean": ["object", ["NoneType None"]],
    "integer": ["float64", ["missing float"]],
    "long": ["float64", ["missing float"]],
    "float": ["float32", ["missing float"]],
    "double": ["float64", ["missing float"]],
    "binary": ["object", ["NoneType None"]],
    "datetime": ["datetime64[ns]", ["missing NaTType"]],
}
INTEGERS: dict[str, type[np.integer[Any]]] = {"integer": np.int32, "long": np.int64}
FLOATS: dict[str, type[np.floating[Any]]] = {"float": np.float32, "double": np.float64}


def in_json(kind: str, cell: Any) -> Told:
    """A cell of a JSON request in an optional column."""
    if cell is None or (cell == "NaN" and kind in FLOATS):
        return MISSING.get(kind, ["object", ["NoneType None"]])
    if kind == "boolean":
        return ["bool", [f"bool {cell}"]] if isinstance(cell, bool) else None
    if kind == "string":
        return ["str", [f"str {cell!r}"]] if isinstance(cell, str) else None
    if kind == "binary":
        return _binary(cell)
    return _datetime(cell) if kind == "datetime" else _number(kind, cell)


def in_csv(kind: str, text: str) -> Told:
    """A cell of a CSV file, which has no types: an empty one is missing, and so is NaN where words are not expected."""
    if not text or (text == "NaN" and kind not in ("string", "binary")):
        return MISSING.get(kind, ["object", ["missing float"]])
    if kind == "boolean":
        truth = {"true": True, "1": True, "false": False, "0": False}.get(text)
        return None if truth is None else ["bool", [f"bool {truth}"]]
    return in_json(kind, text)


def _binary(cell: Any) -> Told:
    try:
        return ["object", [f"bytes {base64.b64decode(cell, validate=True)!r}"]]
    except (TypeError, ValueError):
        return None


def _datetime(cell: Any) -> Told:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str) or cell in ("", "NaN"):
        return None
    if isinstance(cell, float) and int(cell) != cell:
        return None
    try:
        moment = pd.Timestamp(cell if isinstance(cell, str) else int(cell))
    except (ValueError, OverflowError):
        return None
    moment = moment.tz_convert(None) if moment.tz else moment
    return ["datetime64[ns]", [f"Timestamp {moment.as_unit('ns')!r}"]]


def _number(kind: str, cell: Any) -> Told:
    """A number, or text that is nothing but one, in a type that holds it."""
    try:
        number = json.loads(cell) if isinstance(cell, str) else cell
    except ValueError:
        return None
    if isinstance(number, bool) or not isinstance(number, int | float) or number != number:
        return None
    if kind in INTEGERS:
        limits = np.iinfo(INTEGERS[kind])
        whole = int(number) == number and limits.min <= number <= limits.max
        return [str(limits.dtype), [f"int {int(number)}"]] if whole else None
    with np.errstate(over="ignore"):
        held = FLOATS[kind](number)
    exact = int(held) == number if isinstance(number, int) else np.isfinite(held)
    return [str(held.dtype), [f"float {float(held)!r}"]] if exact else None
