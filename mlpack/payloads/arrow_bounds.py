"""How much Arrow data may hold once it is unpacked: values, nested ones included, and bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mlpack.errors import MalformedPayload
from mlpack.payloads.limits import Limits

#: Views may show the same values many times over, and so may runs and unions: a few bytes would unpack to gigabytes.
_REFUSED = ("list_view", "large_list_view", "run_end_encoded", "union")
_LISTS = ("list", "large_list", "fixed_size_list")
_VIEWS = ("string_view", "binary_view")


def bounded(batches: Iterator[Any], limits: Limits) -> Iterator[Any]:
    """The same batches; raises LimitExceeded as soon as together they take more memory than an array may."""
    size = 0
    for batch in batches:
        size += batch.nbytes
        limits.check("array_bytes", "the size of the input in memory", size)
        yield batch


def check_columns(table: Any, limits: Limits, types: Any) -> None:
    """Raise LimitExceeded for too many values or too much text, MalformedPayload for types that hide how much it is.

    ``types`` is ``pyarrow.types``.
    """
    elements = size = 0
    for chunk in (chunk for column in table.columns for chunk in column.chunks):
        elements += _elements(chunk, types)
        limits.check("cells", "the number of values", elements)
        size += _viewed(chunk) if _is_one_of(_VIEWS, chunk.type, types) else 0
        limits.check("array_bytes", "the size of the input in memory", size)


def _elements(array: Any, types: Any, *, nested: bool = False) -> int:
    """How many values an array holds, those nested in it included."""
    kind = array.type
    if _is_one_of(_REFUSED + _VIEWS if nested else _REFUSED, kind, types):
        raise MalformedPayload(f"columns of {kind} are not read")
    if types.is_struct(kind):
        children = array.flatten()
    elif types.is_map(kind):
        children = [array.keys, array.items]
    elif _is_one_of(_LISTS, kind, types):
        children = [array.flatten()]
    else:
        return len(array)
    return len(array) + sum(_elements(child, types, nested=True) for child in children)


def _viewed(array: Any) -> int:
    """The bytes that an array of views shows; a view is 16 bytes, of which the first 4 are its length."""
    lengths = np.frombuffer(array.buffers()[1], np.int32)[::4]
    return int(lengths[array.offset : array.offset + len(array)].sum(dtype=np.int64))


def _is_one_of(names: tuple[str, ...], kind: Any, types: Any) -> bool:
    """Whether a type is one of those; an older pyarrow does not know them all."""
    return any(hasattr(types, f"is_{name}") and getattr(types, f"is_{name}")(kind) for name in names)
