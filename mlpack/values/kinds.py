"""What came: where a value is from, whether it is missing, what kind of value it is, and the refusal of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from math import isinf, isnan
from numbers import Integral
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


class Source(Enum):
    """Where values come from, which says how much of a type they have of their own."""

    PYTHON = "python"
    JSON = "json"
    TEXT = "text"


class Misfit(Exception):
    """A value that a type cannot hold; becomes a SchemaMismatch where the name of the column is known.

    ``got`` says what kind of value came, and never which; ``path`` leads to it inside of a nested value ("[2].b");
    ``expected`` is the type there, or None for the type of the whole column.
    """

    def __init__(self, got: str, *, row: int | None = None, expected: str | None = None) -> None:
        super().__init__(got)
        self.got = got
        self.row = row
        self.expected = expected
        self.path = ""

    def inside(self, step: str, expected: str | None = None) -> Misfit:
        """The same refusal seen from one level further out."""
        self.path = step + self.path
        self.expected = self.expected or expected
        return self


def each(values: Iterable[Any], convert: Callable[[Any], T]) -> list[T]:
    """What `convert` gives for each value; its Misfit gets the row."""
    done: list[T] = []
    for row, value in enumerate(values):
        try:
            done.append(convert(value))
        except Misfit as misfit:
            misfit.row = row
            raise
    return done


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN, or pandas' NA or NaT."""
    if value is None:
        return True
    if isinstance(value, (float, np.floating)):
        return isnan(value)
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    # By name, so that pandas need not be imported to be told that nothing of it came.
    return type(value).__name__ in {"NAType", "NaTType"} or (isinstance(value, Decimal) and value.is_nan())


def is_integer(value: Any) -> bool:
    """Whether a value is an integer, which in Python a boolean and in numpy a duration would be too."""
    return isinstance(value, Integral) and not isinstance(value, (bool, np.timedelta64))


def kind_of(value: Any) -> str:
    """A phrase for the kind of a value, without anything of the value itself."""
    if is_missing(value):
        return "a missing value (null)"
    for kind, phrase in _PHRASES:
        if isinstance(value, kind):
            return phrase
    if isinstance(value, (float, np.floating)):
        if isinf(value):
            return "an infinite number"
        return "a number with a fraction" if value % 1 else "a number"
    return f"a value of type {type(value).__name__}"


_PHRASES: list[tuple[type | tuple[type, ...], str]] = [
    ((bool, np.bool_), "a boolean"),
    (np.timedelta64, "a duration"),
    (Integral, "an integer"),
    (Decimal, "a decimal number"),
    (str, "text"),
    ((bytes, bytearray), "bytes"),
    ((date, np.datetime64), "a date"),
    ((list, tuple, np.ndarray), "a list"),
    (dict, "an object"),
]


def kind_of_array(array: np.ndarray[Any, Any]) -> str:
    """A phrase for what an array of one of numpy's own dtypes holds."""
    return _PLURALS.get(array.dtype.kind, f"values of dtype {array.dtype.name}")


_PLURALS = {"b": "booleans", "i": "integers", "u": "integers", "f": "numbers", "M": "dates"}
