"""Parquet files and Arrow IPC streams in, through pyarrow, which is optional.

What a file claims to hold is checked against the limits before it is unpacked, and what it holds afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpack.errors import InvalidInput, MalformedPayload
from mlpack.payloads.arrow_sizes import unpacked_size
from mlpack.payloads.limits import Limits
from mlpack.payloads.media import ARROW_STREAM, PARQUET, needs_pyarrow

if TYPE_CHECKING:
    import pandas as pd

_BATCH = 65_536
#: Views may show the same values many times over, and so do runs: a few bytes would unpack to gigabytes.
_REFUSED = ("list_view", "large_list_view", "run_end_encoded")
_VIEWS = ("string_view", "binary_view")


def read_arrow(body: bytes, kind: str, limits: Limits, *, integers_with_nulls: bool) -> pd.DataFrame:
    """The frame in a Parquet file or an Arrow IPC stream, with the index that pandas noted in it.

    A column of integers with nulls becomes one of objects if ``integers_with_nulls``, else of floats as in MLflow.

    Raises:
        UnsupportedMediaType: pyarrow is not installed.
        MalformedPayload: the body is broken.
        LimitExceeded: it holds, or unpacks to, more than the limits allow.
    """
    read = {PARQUET: _read_parquet, ARROW_STREAM: _read_stream}[kind]
    try:
        import pyarrow
    except ImportError:
        raise needs_pyarrow(kind) from None
    try:
        table = read(body, limits, pyarrow)
        limits.check_table(table.num_rows, table.num_columns)
        _check_columns(table, limits, pyarrow)
        frame: pd.DataFrame = table.to_pandas(integer_object_nulls=integers_with_nulls)
        return frame
    except (InvalidInput, MemoryError):
        raise
    except Exception as error:  # whatever pyarrow and pandas raise on a client's bytes is the fault of the bytes
        raise MalformedPayload(f"the body cannot be read as {kind}: {type(error).__name__}") from error


def _read_parquet(body: bytes, limits: Limits, pyarrow: Any) -> Any:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pyarrow.BufferReader(body))
    chunks = [
        file.metadata.row_group(group).column(column)
        for group in range(file.metadata.num_row_groups)
        for column in range(file.metadata.num_columns)
    ]
    limits.check_table(file.metadata.num_rows, file.metadata.num_columns)
    limits.check("cells", "the number of values", sum(chunk.num_values for chunk in chunks))
    limits.check("body_bytes", "the unpacked size of the body", sum(chunk.total_uncompressed_size for chunk in chunks))
    # One long text that every row refers to is small in the file and large in memory: read few rows at a time then.
    text = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.physical_type == "BYTE_ARRAY")
    rows = max(1, min(_BATCH, limits.array_bytes // max(text, 1)))
    return pyarrow.Table.from_batches(_bounded(file.iter_batches(rows), limits), file.schema_arrow)


def _bounded(batches: Iterator[Any], limits: Limits) -> Iterator[Any]:
    size = 0
    for batch in batches:
        size += batch.nbytes
        limits.check("array_bytes", "the size of the body in memory", size)
        yield batch


def _read_stream(body: bytes, limits: Limits, pyarrow: Any) -> Any:
    limits.check("body_bytes", "the unpacked size of the body", unpacked_size(pyarrow, body))
    with pyarrow.ipc.open_stream(pyarrow.BufferReader(body)) as stream:
        table = stream.read_all()
    table.validate(full=True)
    return table


def _check_columns(table: Any, limits: Limits, pyarrow: Any) -> None:
    elements = size = 0
    for column in table.columns:
        for chunk in column.chunks:
            elements += _elements(chunk, pyarrow.types)
            limits.check("cells", "the number of values", elements)
            size += _viewed(chunk) if _is_one_of(_VIEWS, chunk.type, pyarrow.types) else 0
            limits.check("array_bytes", "the size of the body in memory", size)


def _elements(array: Any, types: Any, *, nested: bool = False) -> int:
    """How many values an array holds, those nested in it included."""
    kind = array.type
    if _is_one_of(_REFUSED + _VIEWS if nested else _REFUSED, kind, types):
        raise MalformedPayload(f"columns of {kind} are not read")
    if types.is_struct(kind):
        children = array.flatten()
    elif types.is_map(kind):
        children = [array.keys, array.items]
    elif types.is_nested(kind):
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
