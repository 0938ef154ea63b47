"""What an Arrow IPC stream unpacks to, read from its metadata before anything is unpacked.

A compressed buffer starts with its unpacked size, and a handful of bytes may claim gigabytes. pyarrow does not show
that size, so the few fields on the way to it are read from the FlatBuffers metadata here. Source: the Arrow columnar
format 1.5, "Encapsulated message format" and ``Message.fbs``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

# Slots of the fields in their tables of Message.fbs.
_HEADER_TYPE, _HEADER = 1, 2
_BUFFERS, _COMPRESSION = 2, 3
_DICTIONARY_DATA = 1
_IS_DICTIONARY, _IS_BATCH = 2, 3


def unpacked_size(pyarrow: Any, body: bytes) -> int:
    """Bytes that the buffers of a stream take once they are unpacked, as the stream claims it.

    Raises pyarrow.ArrowInvalid, struct.error or IndexError where the stream is broken.
    """
    messages = pyarrow.ipc.MessageReader.open_stream(pyarrow.BufferReader(body))
    return sum(_message_size(bytes(message.metadata), message.body) for message in messages)


def _message_size(metadata: bytes, body: Any) -> int:
    root = _unsigned(metadata, 0)
    at, header = _field(metadata, root, _HEADER_TYPE), _field(metadata, root, _HEADER)
    kind = 0 if at is None else metadata[at]
    if header is None or kind not in (_IS_DICTIONARY, _IS_BATCH):
        return 0
    batch = _follow(metadata, header)
    if kind == _IS_DICTIONARY:
        data = _field(metadata, batch, _DICTIONARY_DATA)
        if data is None:
            return 0
        batch = _follow(metadata, data)
    if _field(metadata, batch, _COMPRESSION) is None:
        return 0 if body is None else int(body.size)
    return sum(_buffer_size(body, *place) for place in _buffers(metadata, batch))


def _buffers(metadata: bytes, batch: int) -> Iterator[tuple[int, int]]:
    """Offset and length of each buffer of a record batch."""
    field = _field(metadata, batch, _BUFFERS)
    if field is not None:
        vector = _follow(metadata, field)
        for position in range(_unsigned(metadata, vector)):
            yield struct.unpack_from("<qq", metadata, vector + 4 + 16 * position)


def _buffer_size(body: Any, offset: int, length: int) -> int:
    size: int = struct.unpack_from("<q", body, offset)[0] if length else 0
    return length if size < 0 else size  # -1 says that this buffer was left as it is


def _field(buffer: bytes, table: int, slot: int) -> int | None:
    """Where a field of a table is, or None where it is absent."""
    vtable = table - struct.unpack_from("<i", buffer, table)[0]
    size, entry = struct.unpack_from("<H", buffer, vtable)[0], 4 + 2 * slot
    offset = struct.unpack_from("<H", buffer, vtable + entry)[0] if entry < size else 0
    return table + offset if offset else None


def _follow(buffer: bytes, at: int) -> int:
    return at + _unsigned(buffer, at)


def _unsigned(buffer: bytes, at: int) -> int:
    value: int = struct.unpack_from("<I", buffer, at)[0]
    return value
