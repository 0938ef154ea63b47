"""Parquet files and Arrow IPC streams in, through pyarrow, which is optional.

What a body claims to hold is checked against the limits before it is unpacked, and what it holds afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from mlpack.enforcement import enforce
from mlpack.errors import InvalidInput, MalformedPayload
from mlpack.manifest import Model
from mlpack.payloads.arrow_bounds import bounded, check_columns
from mlpack.payloads.counting import counted_from
from mlpack.payloads.limits import Limits
from mlpack.payloads.media import ARROW_STREAM, PARQUET, needs_pyarrow
from mlpack.payloads.parquet_sizes import claims
from mlpack.payloads.stream_sizes import unpacked_size

_BATCH = 65_536


def read_arrow(body: bytes, kind: str, model: Model, limits: Limits) -> Any:
    """What the model gets from a Parquet or Arrow body: a DataFrame with the index that pandas noted in it, or arrays.

    Raises:
        UnsupportedMediaType: pyarrow is not installed.
        MalformedPayload: the body is broken.
        SchemaMismatch: it does not fit the signature.
        LimitExceeded: it holds, or unpacks to, more than the limits allow.
    """
    pyarrow = _pyarrow(kind)
    with _blamed(kind):
        table = _READERS[kind](body, limits, pyarrow)
        return _held(table, model, limits, pyarrow)


def read_arrow_chunks(stream: BinaryIO, kind: str, model: Model, rows: int, limits: Limits) -> Iterator[Any]:
    """The same for a file that is larger than memory, in chunks of up to ``rows`` rows; at least one chunk."""
    pyarrow = _pyarrow(kind)
    with _blamed(kind):
        schema, batches = _CHUNKERS[kind](stream, rows, pyarrow)
        first = 0
        for batch in batches:
            with counted_from(first):
                data = _held(pyarrow.Table.from_batches([batch], schema), model, limits, pyarrow)
            yield data
            first += batch.num_rows
        if not first:
            yield _held(schema.empty_table(), model, limits, pyarrow)


def _pyarrow(kind: str) -> Any:
    try:
        import pyarrow
    except ImportError:
        raise needs_pyarrow(kind) from None
    return pyarrow


@contextmanager
def _blamed(kind: str) -> Iterator[None]:
    """Whatever pyarrow and pandas raise on a client's bytes is the fault of the bytes."""
    try:
        yield
    except (InvalidInput, MemoryError):
        raise
    except Exception as error:
        raise MalformedPayload(f"the input cannot be read as {kind}: {type(error).__name__}") from error


def _held(table: Any, model: Model, limits: Limits, pyarrow: Any) -> Any:
    limits.check_table(table.num_rows, table.num_columns)
    table.validate(full=True)  # offsets inside their buffers, text in UTF-8
    check_columns(table, limits, pyarrow.types)
    schema = model.get_input_schema()
    # As floats, which pandas would make of them, integers with nulls beside them could lose digits.
    frame = table.to_pandas(integer_object_nulls=schema is not None)
    return frame if model.is_signature_from_type_hint else enforce(frame, schema)


def _read_parquet(body: bytes, limits: Limits, pyarrow: Any) -> Any:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pyarrow.BufferReader(body))
    limits.check_table(file.metadata.num_rows, file.metadata.num_columns)
    claimed = claims(body)
    limits.check("cells", "the number of values", claimed.values)
    limits.check("body_bytes", "the unpacked size of the body", claimed.unpacked)
    # One long text that every row refers to is small in the file and large in memory: read few rows at a time then.
    rows = max(1, min(_BATCH, limits.array_bytes // max(claimed.text, 1)))
    return pyarrow.Table.from_batches(bounded(file.iter_batches(rows), limits), file.schema_arrow)


def _read_stream(body: bytes, limits: Limits, pyarrow: Any) -> Any:
    limits.check("body_bytes", "the unpacked size of the body", unpacked_size(pyarrow, body))
    with pyarrow.ipc.open_stream(pyarrow.BufferReader(body)) as stream:
        return stream.read_all()


def _chunk_parquet(stream: BinaryIO, rows: int, pyarrow: Any) -> tuple[Any, Iterator[Any]]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(stream)
    return file.schema_arrow, file.iter_batches(rows)


def _chunk_stream(stream: BinaryIO, rows: int, pyarrow: Any) -> tuple[Any, Iterator[Any]]:
    reader = pyarrow.ipc.open_stream(stream)
    return reader.schema, _slices(reader, rows)


def _slices(batches: Iterator[Any], rows: int) -> Iterator[Any]:
    for batch in batches:
        yield from (batch.slice(start, rows) for start in range(0, batch.num_rows, rows))


_READERS = {PARQUET: _read_parquet, ARROW_STREAM: _read_stream}
_CHUNKERS = {PARQUET: _chunk_parquet, ARROW_STREAM: _chunk_stream}
