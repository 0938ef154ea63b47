"""Answers of one call, or of many in a row, to a stream: JSON, CSV, Parquet or an Arrow IPC stream.

It is done in two steps: an answer is encoded by itself, wherever that is, and the encoded answers are joined.
"""

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
from mlpack.payloads.media import ARROW_STREAM, CSV, JSON, PARQUET, load_pyarrow


class ResultWriter(ABC):
    """Joins the answers to chunk after chunk so that they read like one answer to all; made by `open_writer`."""

    @abstractmethod
    def append(self, answer: bytes) -> None:
        """Append the next of what `encode_answer` gave; raises UnwritableAnswer where the format cannot join them."""

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


def encode_answer(predictions: Any, content_type: str) -> bytes:
    """An answer as a writer of that content type appends it.

    Raises UnwritableAnswer where the format cannot hold it, UnsupportedMediaType where pyarrow is needed and missing.
    """
    if content_type == JSON:
        return encode_json(predictions, wrapped=False)
    return _encode_rows(predictions) if content_type == CSV else _encode_table(predictions, content_type)


def encode_arrow(predictions: Any) -> bytes:
    """Predictions as an Arrow IPC stream, with the columns of `answer_frame`.

    Raises UnwritableAnswer for what Arrow cannot hold, UnsupportedMediaType where pyarrow is not installed.
    """
    return _encode_table(predictions, ARROW_STREAM)


class _JsonWriter(ResultWriter):
    """``{"predictions": [...]}`` with the items of every chunk; an answer that is no list can only be the only one."""

    def __init__(self, stream: BinaryIO, wrapped: bool) -> None:
        self._stream = stream
        self._before, self._after = (b'{"%s":' % PREDICTIONS.encode(), b"}") if wrapped else (b"", b"")
        self._is_list: bool | None = None
        self._items = False

    def append(self, answer: bytes) -> None:
        """Append the items of a list, or write the only answer."""
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
            self.append(b"[]")
        self._stream.write((b"]" if self._is_list else b"") + self._after)


def _encode_rows(predictions: Any) -> bytes:
    """The names as a line of JSON, then rows of CSV.

    A cell is what JSON would have: nothing for null, JSON text for lists and objects.
    """
    frame = answer_frame(predictions)
    text = io.StringIO(newline="")
    columns = [json.loads(encode_json(column_values(series), wrapped=False)) for _, series in frame.items()]
    _csv(text).writerows(map(_cell, row) for row in zip(*columns, strict=True))
    return f"{json.dumps(list(frame.columns))}\n{text.getvalue()}".encode("utf-8", "backslashreplace")


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (bool, list, dict)) else value


def _csv(text: io.StringIO) -> Any:
    return csv.writer(text, lineterminator="\n")


class _CsvWriter(ResultWriter):
    """A header, then rows."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._names: bytes | None = None

    def append(self, answer: bytes) -> None:
        """Append the rows."""
        names, _, rows = answer.partition(b"\n")
        if self._names is None:
            self._names = names
            header = io.StringIO(newline="")
            _csv(header).writerow(json.loads(names))
            self._stream.write(header.getvalue().encode("utf-8", "backslashreplace"))
        elif names != self._names:
            raise UnwritableAnswer("its columns are not those of the chunk before")
        self._stream.write(rows)

    def close(self) -> None:
        """Nothing ends a CSV text."""


def _encode_table(predictions: Any, kind: str) -> bytes:
    pyarrow = load_pyarrow(kind)
    stream = io.BytesIO()
    with _fitting(pyarrow, kind):
        table = pyarrow.Table.from_pandas(answer_frame(predictions), preserve_index=False)
        with pyarrow.ipc.new_stream(stream, table.schema) as writer:
            writer.write_table(table)
    return stream.getvalue()


@contextmanager
def _fitting(pyarrow: Any, kind: str) -> Iterator[None]:
    """What Arrow cannot hold is the fault of the model."""
    try:
        yield
    except (pyarrow.ArrowException, ValueError, TypeError) as error:
        raise UnwritableAnswer(f"it does not fit {kind} ({type(error).__name__})") from error


class _ArrowWriter(ResultWriter):
    """Record batches of the first chunk's schema; without any chunk, a table without columns."""

    def __init__(self, stream: BinaryIO, kind: str) -> None:
        self._stream, self._kind = stream, kind
        self._writer: Any = None
        self._schema: Any = None
        self._pyarrow = load_pyarrow(kind)

    def append(self, answer: bytes) -> None:
        """Append the rows."""
        with _fitting(self._pyarrow, self._kind):
            table = self._pyarrow.ipc.open_stream(answer).read_all()
            if self._writer is None:
                self._start(table.schema)
            self._writer.write_table(table.cast(self._schema))

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
