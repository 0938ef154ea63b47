"""Answers of one call, or of many in a row, to a stream: JSON, CSV, Parquet or an Arrow IPC stream."""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from mlpack.errors import UnwritableAnswer
from mlpack.payloads.answers import answer_frame
from mlpack.payloads.encoding import PREDICTIONS, column_values, encode_json
from mlpack.payloads.media import ARROW_STREAM, CSV, JSON, PARQUET, needs_pyarrow


class ResultWriter(ABC):
    """Writes the answers to chunk after chunk so that they read like one answer to all; made by `open_writer`."""

    @abstractmethod
    def write(self, predictions: Any) -> None:
        """Append the answer to the next chunk; raises UnwritableAnswer where the format cannot hold it."""

    @abstractmethod
    def close(self) -> None:
        """Write what ends the document; the stream stays open."""


@contextmanager
def open_writer(stream: BinaryIO, content_type: str, *, wrapped: bool = True) -> Iterator[ResultWriter]:
    """A writer of that content type, closed when the block ends well; ``wrapped`` is for JSON, see `encode_json`.

    Raises UnsupportedMediaType for Parquet and Arrow where pyarrow is not installed.
    """
    writer = _JsonWriter(stream, wrapped) if content_type == JSON else _TABLE_WRITERS[content_type](stream)
    yield writer
    writer.close()


def encode_arrow(predictions: Any) -> bytes:
    """Predictions as an Arrow IPC stream, with the columns of `answer_frame`.

    Raises UnwritableAnswer for what Arrow cannot hold, UnsupportedMediaType where pyarrow is not installed.
    """
    stream = io.BytesIO()
    with open_writer(stream, ARROW_STREAM) as writer:
        writer.write(predictions)
    return stream.getvalue()


class _JsonWriter(ResultWriter):
    """``{"predictions": [...]}`` with the items of every chunk; an answer that is no list can only be the only one."""

    def __init__(self, stream: BinaryIO, wrapped: bool) -> None:
        self._stream = stream
        self._before, self._after = (b'{"%s":' % PREDICTIONS.encode(), b"}") if wrapped else (b"", b"")
        self._is_list: bool | None = None
        self._items = False

    def write(self, predictions: Any) -> None:
        """Append the items of a list, or write the only answer."""
        answer = encode_json(predictions, wrapped=False)
        is_list = answer.startswith(b"[")
        if self._is_list is None:
            self._stream.write(self._before + (b"[" if is_list else answer))
            self._is_list = is_list
        elif not (is_list and self._is_list):
            raise UnwritableAnswer("JSON can join the answers to several chunks only where they are lists")
        if is_list and (items := answer[1:-1]):
            self._stream.write(b"," + items if self._items else items)
            self._items = True

    def close(self) -> None:
        """End the list and the object."""
        if self._is_list is None:
            self.write([])
        self._stream.write((b"]" if self._is_list else b"") + self._after)


class _CsvWriter(ResultWriter):
    """A header, then rows; a cell is what JSON would have: nothing for null, JSON text for lists and objects."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._names: list[str] | None = None

    def write(self, predictions: Any) -> None:
        """Append the rows."""
        frame = answer_frame(predictions)
        names = list(frame.columns)
        text = io.StringIO(newline="")
        rows = csv.writer(text, lineterminator="\n")
        if self._names is None:
            self._names = names
            rows.writerow(names)
        elif names != self._names:
            raise UnwritableAnswer("its columns are not those of the chunk before")
        columns = [json.loads(encode_json(column_values(series), wrapped=False)) for _, series in frame.items()]
        rows.writerows(map(_cell, row) for row in zip(*columns, strict=True))
        self._stream.write(text.getvalue().encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Nothing ends a CSV text."""


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (bool, list, dict)) else value


class _ArrowWriter(ResultWriter):
    """Record batches of the first chunk's schema; without any chunk, a table without columns."""

    def __init__(self, stream: BinaryIO, kind: str) -> None:
        self._stream, self._kind = stream, kind
        self._writer: Any = None
        self._schema: Any = None
        try:
            import pyarrow
        except ImportError:
            raise needs_pyarrow(kind) from None
        self._pyarrow = pyarrow

    def write(self, predictions: Any) -> None:
        """Append the rows."""
        try:
            table = self._pyarrow.Table.from_pandas(answer_frame(predictions), preserve_index=False)
            if self._writer is None:
                self._start(table.schema)
            self._writer.write_table(table.cast(self._schema))
        except (self._pyarrow.ArrowException, ValueError, TypeError) as error:
            raise UnwritableAnswer(f"it does not fit {self._kind} ({type(error).__name__})") from error

    def close(self) -> None:
        """Write what ends the file or the stream."""
        if self._writer is None:
            self._start(self._pyarrow.schema([]))
        self._writer.close()

    def _start(self, schema: Any) -> None:
        self._schema = schema
        if self._kind == ARROW_STREAM:
            self._writer = self._pyarrow.ipc.new_stream(self._stream, schema)
        else:
            import pyarrow.parquet as pq

            self._writer = pq.ParquetWriter(self._stream, schema)


_TABLE_WRITERS: dict[str, Callable[[BinaryIO], ResultWriter]] = {
    CSV: _CsvWriter,
    PARQUET: lambda stream: _ArrowWriter(stream, PARQUET),
    ARROW_STREAM: lambda stream: _ArrowWriter(stream, ARROW_STREAM),
}
