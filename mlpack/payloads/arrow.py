"""Parquet files and Arrow IPC streams in, through pyarrow, which is optional.

What a body claims to hold is checked against the limits before it is unpacked, and what it holds afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlpack.enforcement import Source, enforce, enforce_table
from mlpack.errors import InvalidInput, MalformedPayload
from mlpack.manifest import Model
from mlpack.payloads.arrow_bounds import bounded, check_columns
from mlpack.payloads.arrow_columns import plain_columns
from mlpack.payloads.limits import Limits
from mlpack.payloads.media import ARROW_STREAM, PARQUET, load_pyarrow
from mlpack.payloads.parquet_sizes import claims
from mlpack.payloads.stream_sizes import unpacked_size

_BATCH = 65_536


def read_arrow(body: bytes, kind: str, model: Model, limits: Limits) -> Any:
    """What the model gets from a Parquet or Arrow body: a Table of numbers alone, else a DataFrame or arrays.

    A DataFrame has the index that pandas noted in the body.

    Raises:
        UnsupportedMediaType: pyarrow is not installed.
        MalformedPayload: the body is broken.
        SchemaMismatch: it does not fit the signature.
        LimitExceeded: it holds, or unpacks to, more than the limits allow.
    """
    pyarrow = load_pyarrow(kind)
    with blamed(kind):
        table = _READERS[kind](body, limits, pyarrow)
        return held(table, model, limits, pyarrow)


@contextmanager
def blamed(kind: str) -> Iterator[None]:
    """Whatever pyarrow and pandas raise on a client's bytes is the fault of the bytes."""
    try:
        yield
    except (InvalidInput, MemoryError):
        raise
    except Exception as error:
        raise MalformedPayload(f"the input cannot be read as {kind}: {type(error).__name__}") from error


def held(table: Any, model: Model, limits: Limits, pyarrow: Any) -> Any:
    """What the model gets from a table of Arrow."""
    limits.check_table(table.num_rows, table.num_columns)
    table.validate(full=True)  # offsets inside their buffers, text in UTF-8
    check_columns(table, limits, pyarrow.types)
    schema = model.get_input_schema()
    if schema is not None and not schema.is_tensor_spec() and not model.is_signature_from_type_hint:
        plain = plain_columns(table, pyarrow.types)
        if plain is not None:
            return enforce_table(*plain, schema, source=Source.PYTHON)
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


_READERS = {PARQUET: _read_parquet, ARROW_STREAM: _read_stream}
