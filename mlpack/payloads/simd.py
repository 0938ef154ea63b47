"""Big JSON bodies of numbers alone, by simdjson where it is installed: no Python object is made for a number.

simdjson says what is no number and what is not JSON; rows of different length, integers that doubles cannot hold and
numbers that are too long are found here. All of these, and whatever is not of a usual form, is left to the whole
decoder.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpack.payloads.limits import Limits
from mlpack.payloads.matrix import exact_below
from mlpack.schema import Schema

#: Below that there is little to gain.
_WORTH = 2**14
#: The nesting of the forms that are read here.
_DEPTH = 4
_OPENING, _COMMA = b"[,"


def read_numbers(body: bytes, schema: Schema | None, limits: Limits) -> dict[str, Any] | None:
    """A JSON body whose rows or columns are arrays of doubles in place of lists, or None: decode it whole then.

    It is one that holds a table or a tensor for that schema under ``dataframe_split``, ``inputs`` or ``instances``,
    and nothing else.
    """
    exact = exact_below(schema) if schema is not None and len(body) >= _WORTH else None
    if exact is None or limits.json_depth < _DEPTH:
        return None
    try:
        import simdjson
    except ImportError:
        return None
    text = np.frombuffer(body, np.uint8)
    if b"null" in body or _may_have_long_numbers(text, limits):
        return None
    try:
        document: Any = simdjson.Parser().parse(body)
        (form,) = document
        value, lists = _read(form, document[form])
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError):
        return None
    arrays, others = lists
    inside = all((np.abs(array) < exact).all() for array in arrays) and sum(map(np.size, arrays)) <= limits.cells
    return {form: value} if inside and np.count_nonzero(text == _OPENING) == others else None


def _may_have_long_numbers(text: np.ndarray[Any, Any], limits: Limits) -> bool:
    """False where commas are so close that no number can be too long."""
    size = limits.number_chars // 2 + 1
    blocks = text[: len(text) // size * size].reshape(-1, size)
    return not (blocks == _COMMA).any(axis=1).all()


def _read(form: str, value: Any) -> tuple[Any, tuple[list[np.ndarray[Any, Any]], int]]:
    """The value of a form, the arrays in it, and how many lists it has if there are none in the rows or columns."""
    if form == "dataframe_split":
        if len(value) != 2:
            raise ValueError
        matrix = _matrix(value["data"])
        return {"columns": value["columns"].as_list(), "data": matrix}, ([matrix], len(matrix) + 2)
    if form == "inputs" and hasattr(value, "items"):
        columns = {name: np.frombuffer(value[name].as_buffer(of_type="d")) for name in value.keys()}  # noqa: SIM118
        if len(columns) != len(value):
            raise ValueError
        return columns, (list(columns.values()), len(columns))
    if form in {"inputs", "instances"}:
        matrix = _matrix(value)
        return matrix, ([matrix], len(matrix) + 1)
    raise ValueError


def _matrix(rows: Any) -> np.ndarray[Any, Any]:
    (width,) = set(map(len, rows))
    return np.frombuffer(rows.as_buffer(of_type="d")).reshape(len(rows), width)
