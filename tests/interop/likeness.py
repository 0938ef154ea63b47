"""Whether two answers are the same, value for value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

#: How the values of both sides are looked at before they are compared.
View = Callable[[Any], Any]


def alike(theirs: Any, ours: Any) -> bool:
    """Equal in structure and values; floats to 1e-12 of their size: two builds of one library may differ so."""
    if isinstance(theirs, float) and isinstance(ours, float):
        return math.isclose(theirs, ours, rel_tol=1e-12) or (theirs != theirs and ours != ours)
    if type(theirs) is not type(ours):
        return False
    if isinstance(theirs, dict):
        return theirs.keys() == ours.keys() and all(alike(theirs[key], ours[key]) for key in theirs)
    if isinstance(theirs, list):
        return len(theirs) == len(ours) and all(map(alike, theirs, ours))
    return bool(theirs == ours)


def view_of(release: str) -> View:
    """Values as they are, but for MLflow 2, which runs on pandas 2 and with the types that this has."""
    return as_of_pandas_2 if release.startswith("2.") else lambda value: value


def as_of_pandas_2(value: Any) -> Any:
    """Words are objects there, what is missing may be None, moments have nanoseconds, CSV numbers a last bit off."""
    if isinstance(value, dict):
        return None if value == {"float": "nan"} else {key: as_of_pandas_2(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_of_pandas_2(item) for item in value]
    if isinstance(value, str):
        value = {"str": "object", "datetime64[us]": "datetime64[ns]", "missing float": "NoneType None"}.get(
            value, value
        )
        value = re.sub(r"^float (.*)$", lambda found: f"float {float(found[1]):.12g}", value)
        return re.sub(r"^str_ np\.str_\((.*)\)$", r"str \1", value)
    return value
