"""Lossless conversion of values: what a type can hold exactly is converted, all else is a `Misfit`.

One rule for every source; a source that has fewer types than the schema is read by what its values can only mean:

* ``PYTHON`` values have a type. A float64 goes into a float column (float32) only if nothing is lost.
* ``JSON`` has no float32, no bytes and no dates. A decimal number becomes the nearest float, which is what a decimal
  number means there; binary comes as base64, a datetime as text or as nanoseconds since 1970; a number may come as text
  that is nothing but this number.
* ``TEXT``, the cells of a CSV file, has text alone: in addition "1.0" is an integer, and true, false, 1 and 0 are
  booleans.

What is too large for a type is refused, and so is what would become zero, an integer that a float cannot hold, a
boolean for a number, a number for a boolean, anything but text for text. What is missing (None, NaN, NA, NaT) becomes
NaN in float and double and NaT in datetime, stays in string and binary, and is refused in boolean, integer and long
unless the column is optional.
"""

from __future__ import annotations

from mlpack.values.convert import Values, as_plain, convert, convert_plain, loose
from mlpack.values.kinds import Misfit, Source, each, is_missing, kind_of
from mlpack.values.nested import nest
from mlpack.values.params import param_value
from mlpack.values.text import objects

__all__ = [
    "Misfit",
    "Source",
    "Values",
    "as_plain",
    "convert",
    "convert_plain",
    "each",
    "is_missing",
    "kind_of",
    "loose",
    "nest",
    "objects",
    "param_value",
]
