"""Whether two answers are the same, value for value."""

from __future__ import annotations

import math
from typing import Any


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
