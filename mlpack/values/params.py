"""Values of parameters, which reach the model as Python's own types."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from typing import Any

import numpy as np

from mlpack.datatypes import DataType, Object
from mlpack.errors import SchemaMismatch
from mlpack.values.convert import convert_plain
from mlpack.values.dates import to_datetimes
from mlpack.values.kinds import Misfit, Source, each, is_missing, kind_of
from mlpack.values.nested import nest

_LARGEST = float(np.finfo(np.float32).max)
_ZONE = re.compile(r"[T ]\d\d.*(Z|[+-]\d\d(:?\d\d)?)$")


def param_value(name: str, value: Any, to: DataType | Object, *, many: bool) -> Any:
    """A parameter's value: int, float, bool, str, date or datetime, a list of these if `many`, a dictionary, or None.

    An integer fits where a float is wanted and 3.0 where an integer is; no text is a number. Raises SchemaMismatch.
    """
    try:
        if many:
            return each(_items(value), lambda item: _scalar(item, to))
        if isinstance(to, Object):
            nest(value, to, Source.PYTHON)
            return value
        return _scalar(value, to)
    except Misfit as misfit:
        field = f"params.{name}{misfit.path}"
        expected = misfit.expected or f"{'a list of ' if many else ''}{to!r}"
        raise SchemaMismatch(field, expected=expected, got=misfit.got, row=misfit.row) from None


def _items(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return list(value)
    if not isinstance(value, list):
        raise Misfit(kind_of(value))
    return value


def _scalar(value: Any, to: Any) -> Any:
    if value is None:
        return None
    if to is DataType.datetime:
        return _moment(value)
    if to is DataType.string:
        if not isinstance(value, str):
            raise Misfit(kind_of(value))
        return str(value)
    # A float stays the double that Python has, as long as it is in the range of its type.
    of = DataType.double if to is DataType.float else to
    item = convert_plain([value], of.numpy, Source.PYTHON)[0]
    if to is DataType.float and _LARGEST < abs(item) < np.inf:
        raise Misfit("a number that 32 bits cannot hold")
    return item.item()


def _moment(value: Any) -> date:
    """A date, or a naive datetime in UTC; ISO text says which by having a time or not."""
    if isinstance(value, str):
        value = _read(value)
    if isinstance(value, np.datetime64) and not np.isnat(value):
        whole = value.astype("datetime64[us]")
        if whole != value:
            raise Misfit("a time that is finer than microseconds")
        value = value.item() if isinstance(value.item(), date) else whole.item()
    if getattr(value, "nanosecond", 0):
        raise Misfit("a time that is finer than microseconds")
    if is_missing(value) or not isinstance(value, date):
        raise Misfit(kind_of(value))
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is not None:
        value = value.astimezone(timezone.utc).replace(tzinfo=None)
    return datetime.fromisoformat(value.isoformat())


def _read(text: str) -> np.datetime64:
    try:
        if _ZONE.search(text):
            return to_datetimes([text], np.dtype("datetime64[ns]"), Source.JSON)[0]  # type: ignore[no-any-return]
        # numpy would read "now" as well.
        if text[:1].isdigit():
            return np.datetime64(text)
    except ValueError:
        pass
    raise Misfit("text that is not a date in ISO 8601")
