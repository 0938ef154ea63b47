"""Parquet files and Arrow streams larger than memory, cut into batches of rows that are decoded later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from mlpack.manifest import Model
from mlpack.payloads.arrow import blamed, held
from mlpack.payloads.chunk import Chunk
from mlpack.payloads.counting import counted_from
from mlpack.payloads.json_body import checked_params
from mlpack.payloads.limits import Limits
from mlpack.payloads.media import ARROW_STREAM, PARQUET, load_pyarrow
from mlpack.payloads.payload import Payload


@dataclass(frozen=True)
class ArrowChunk(Chunk):
    """A table of Arrow, from a file of that content type."""

    kind: str
    table: Any

    def payload(self, model: Model, limits: Limits) -> Payload:
        """What the model takes."""
        with blamed(self.kind), counted_from(self.first):
            data = held(self.table, model, limits, load_pyarrow(self.kind))
            return Payload(data, checked_params(None, model))

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled: as a stream, for Arrow would pickle all of the batch that a slice is cut from."""
        pyarrow = load_pyarrow(self.kind)
        stream = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(stream, self.table.schema) as writer:
            writer.write_table(self.table)
        return _unpickled, (self.first, self.rows, self.kind, stream.getvalue().to_pybytes())


def _unpickled(first: int, rows: int, kind: str, stream: bytes) -> ArrowChunk:
    return ArrowChunk(first, rows, kind, load_pyarrow(kind).ipc.open_stream(stream).read_all())


def split_arrow(stream: BinaryIO, kind: str, rows: int) -> Iterator[ArrowChunk]:
    """The batches of a file, of up to ``rows`` rows; at least one chunk. Raises MalformedPayload for a broken file."""
    pyarrow = load_pyarrow(kind)
    with blamed(kind):
        schema, batches = _SPLITTERS[kind](stream, rows, pyarrow)
        first = 0
        for batch in batches:
            batch.validate(full=True)  # offsets inside their buffers, before anything follows them
            yield ArrowChunk(first, batch.num_rows, kind, pyarrow.Table.from_batches([batch], schema))
            first += batch.num_rows
        if not first:
            yield ArrowChunk(0, 0, kind, schema.empty_table())


def _split_parquet(stream: BinaryIO, rows: int, pyarrow: Any) -> tuple[Any, Iterator[Any]]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(stream)
    return file.schema_arrow, file.iter_batches(rows)


def _split_stream(stream: BinaryIO, rows: int, pyarrow: Any) -> tuple[Any, Iterator[Any]]:
    reader = pyarrow.ipc.open_stream(stream)
    return reader.schema, _slices(reader, rows)


def _slices(batches: Iterator[Any], rows: int) -> Iterator[Any]:
    for batch in batches:
        yield from (batch.slice(start, rows) for start in range(0, batch.num_rows, rows))


_SPLITTERS = {PARQUET: _split_parquet, ARROW_STREAM: _split_stream}
