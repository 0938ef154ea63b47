"""Bytes to JSON values, with bounds on what they may hold that are checked at the speed of memory."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

import numpy as np
import orjson

from mlpack.errors import MalformedPayload
from mlpack.payloads.limits import Limits

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
#: Integers of so many digits may be beyond 64 bits, which orjson turns into the nearest float.
_LONG_DIGITS = 19
_LONG_INTEGERS = (b" " + b"0" * 20, b"-" + b"0" * 19)
#: A number has at most three runs of digits, and a sign, a point, an "e" and a sign beside them.
_RUNS, _BESIDE = 3, 4

_DIGITS_AS_ZEROS = bytes(0x30 if chr(byte) in "0123456789" else 0x20 for byte in range(256))
_NUMBERS_AS_ZEROS = bytes(0x30 if chr(byte) in "0123456789.eE+-" else 0x20 for byte in range(256))
_INTEGERS_AS_ZEROS = bytes(
    0x30 if chr(byte) in "0123456789" else byte if chr(byte) in ".eE+-" else 0x20 for byte in range(256)
)
_BRACES_AS_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_MARKS = bytes(byte for byte in range(256) if chr(byte) not in '[]{}"')
_OPENING, _COMMA = b"[,"
_CHUNK = 2**20
#: Of a body that is larger, brackets are counted as quickly with their depth as without.
_SMALL = 2**14


def parse_json(body: bytes, limits: Limits) -> Any:
    """The value of a JSON body. NaN and Infinity are no JSON; integers keep every digit; a byte order mark is skipped.

    Raises:
        MalformedPayload: the body is not JSON in UTF-8.
        LimitExceeded: it is nested too deeply, has too long a number or more values than the limits allow.
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    if len(body) > _SMALL or body.count(b"[") + body.count(b"{") > limits.json_depth:
        limits.check("json_depth", "the nesting of the body", _depth(body))
    if len(body) > limits.cells:
        _check_values(body, limits)
    long_integers = may_have_long_numbers(body, limits) and _check_numbers(_without_strings(body), limits)
    try:
        value = orjson.loads(body)
        return json.loads(body) if long_integers else value
    except orjson.JSONDecodeError as error:
        tip = "send null for NaN and infinity" if "expected a JSON value" in error.msg else ""
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedPayload(f"the body is not JSON: {error.msg} at {where}", tip=tip) from None


def may_have_long_numbers(body: bytes, limits: Limits) -> bool:
    """False where no number in a body has too many characters, and no integer more than 64 bits."""
    run = min(_LONG_DIGITS, max(1, (limits.number_chars + 1 - _BESIDE) // _RUNS))
    return b"0" * run in body.translate(_DIGITS_AS_ZEROS)


def _check_values(body: bytes, limits: Limits) -> None:
    """Hold JSON text against the limit of values, by its commas."""
    # A table has a comma less than cells, and some more for the names of its columns.
    most = limits.cells + limits.columns
    if np.count_nonzero(np.frombuffer(body, np.uint8) == _COMMA) > most:
        values = _without_strings(body).count(b",")
        if values > most:
            limits.check("cells", "the number of values", values)


def _check_numbers(text: bytes, limits: Limits) -> bool:
    """Hold the numbers of JSON text against their limit; returns whether integers may be beyond 64 bits."""
    numbers = text.translate(_NUMBERS_AS_ZEROS)
    if b"0" * (limits.number_chars + 1) in numbers:
        limits.check("number_chars", "the length of a number", max(map(len, numbers.split())))
    integers = text.translate(_INTEGERS_AS_ZEROS)
    return any(run in integers for run in _LONG_INTEGERS)


def _without_strings(body: bytes) -> bytes:
    if b"\\" in body:
        return _STRING.sub(b"", body)
    return b"".join(body.split(b'"')[::2])


def _depth(body: bytes) -> int:
    """How deeply brackets nest outside of strings, over the whole text even where they do not match."""
    text = _STRING.sub(b"", body) if b"\\" in body else body
    marks = text.translate(_BRACES_AS_BRACKETS, _NO_MARKS).replace(b'""', b"")  # so much for strings without brackets
    brackets = np.frombuffer(b"".join(marks.split(b'"')[::2]), np.uint8)
    deepest = level = 0
    for start in range(0, len(brackets), _CHUNK):
        steps = np.where(brackets[start : start + _CHUNK] == _OPENING, 1, -1)
        levels = np.cumsum(steps, dtype=np.int64)
        deepest = max(deepest, level + int(levels.max()))
        level += int(levels[-1])
    return deepest
