"""What a Parquet file claims to hold, read from its footer before anything is unpacked.

pyarrow shows these numbers too, but ends the process where a broken footer makes its C++ throw, so the Thrift
structures are read here. Source: the Parquet format 2.11, ``parquet.thrift``, and Thrift's compact protocol.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from mlpack.errors import MalformedPayload

_MAGIC = b"PAR1"
# Ids of the fields that are needed, in FileMetaData, RowGroup, ColumnChunk and ColumnMetaData.
_ROW_GROUPS = 4
_COLUMNS = 1
_METADATA = 3
_TYPE, _VALUES, _UNPACKED = 1, 5, 6
_BYTE_ARRAY = 6

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _MAP, _STRUCT = 1, 2, 3, 7, 8, 11, 12
_SIZES = {_TRUE: 1, _FALSE: 1, _BYTE: 1, _DOUBLE: 8}
_INTEGERS = (4, 5, 6)
_LISTS = (9, 10)
_DEEPEST = 16


@dataclass(frozen=True)
class Claims:
    """Values of all columns, bytes of all columns unpacked, and bytes of those of text."""

    values: int = 0
    unpacked: int = 0
    text: int = 0


def claims(body: bytes) -> Claims:
    """The sums over all chunks of columns; raises MalformedPayload, IndexError or struct.error for a broken footer."""
    if body[-4:] != _MAGIC:
        raise MalformedPayload("the input is not a Parquet file")
    footer = struct.unpack_from("<I", body, len(body) - 8)[0]
    groups = _Compact(body, len(body) - 8 - footer).struct().get(_ROW_GROUPS, [])
    chunks = [chunk.get(_METADATA, {}) for group in groups for chunk in group.get(_COLUMNS, [])]
    return Claims(
        values=sum(chunk[_VALUES] for chunk in chunks),
        unpacked=sum(chunk[_UNPACKED] for chunk in chunks),
        text=sum(chunk[_UNPACKED] for chunk in chunks if chunk[_TYPE] == _BYTE_ARRAY),
    )


class _Compact:
    """Reads values of Thrift's compact protocol: structures are dictionaries by the ids of their fields."""

    def __init__(self, body: bytes, at: int) -> None:
        self._body = body
        self._at = at
        self._depth = 0

    def struct(self) -> dict[int, Any]:
        """The structure at the present place."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise MalformedPayload("the footer of the Parquet file is nested too deeply")
        fields: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._integer()
            fields[field] = (head & 15) == _TRUE if (head & 15) in (_TRUE, _FALSE) else self._value(head & 15)
        self._depth -= 1
        return fields

    def _value(self, kind: int) -> Any:
        if kind in _INTEGERS:
            return self._integer()
        if kind == _STRUCT:
            return self.struct()
        if kind in _LISTS:
            head = self._byte()
            count = head >> 4 if head >> 4 != 15 else self._unsigned()
            return [self._value(head & 15) for _ in range(count)]
        if kind == _MAP:
            count = self._unsigned()
            kinds = self._byte() if count else 0
            return [(self._value(kinds >> 4), self._value(kinds & 15)) for _ in range(count)]
        size = self._unsigned() if kind == _BINARY else _SIZES[kind]
        self._at += size  # nothing of these kinds is needed
        return None

    def _integer(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def _byte(self) -> int:
        byte = self._body[self._at]
        self._at += 1
        return byte
