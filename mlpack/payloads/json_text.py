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
_LONG_INTEGERS = (re.compile(rb"[^0-9.eE+][0-9]{20}"), re.compile(rb"-[0-9]{19}"))
#: A number has at most three runs of digits, and a sign, a point, an "e" and a sign beside them.
_RUNS, _BESIDE = 3, 4

_DIGITS_AS_ZEROS = bytes(0x30 if chr(byte) in "0123456789" else 0x20 for byte in range(256))
_NUMBERS_AS_ZEROS = bytes(0x30 if chr(byte) in "0123456789.eE+-" else 0x20 for byte in range(256))
_BRACES_AS_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(byte for byte in range(256) if chr(byte) not in "[]{}")
_OPENING = ord("[")
_CHUNK = 2**20


def parse_json(body: bytes, limits: Limits) -> Any:
    """The value of a JSON body. NaN and Infinity are no JSON; integers keep every digit; a byte order mark is skipped.

    Raises:
        MalformedPayload: the body is not JSON in UTF-8.
        LimitExceeded: it is nested too deeply, has too long a number or more values than the limits allow.
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    long_integers = False
    # Both questions are quick, and never wrong when they say no.
    long_numbers = may_have_long_numbers(body, limits)
    crowded = body.count(b"[") + body.count(b"{") > limits.json_depth or body.count(b",") > limits.cells
    if long_numbers or crowded:
        text = _without_strings(body)
        _check_crowd(text, limits)
        long_integers = long_numbers and _check_numbers(text, limits)
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


def _check_crowd(text: bytes, limits: Limits) -> None:
    """Hold JSON text without its strings against the limits of depth and of values."""
    limits.check("json_depth", "the nesting of the body", _depth(text))
    # A table has a comma less than cells, and some more for the names of its columns.
    values = text.count(b",")
    if values > limits.cells + limits.columns:
        limits.check("cells", "the number of values", values)


def _check_numbers(text: bytes, limits: Limits) -> bool:
    """Hold the numbers of JSON text against their limit; returns whether integers may be beyond 64 bits."""
    numbers = text.translate(_NUMBERS_AS_ZEROS)
    if b"0" * (limits.number_chars + 1) in numbers:
        limits.check("number_chars", "the length of a number", max(map(len, numbers.split())))
    return any(pattern.search(text) for pattern in _LONG_INTEGERS)


def _without_strings(body: bytes) -> bytes:
    if b"\\" in body:
        return _STRING.sub(b"", body)
    return b"".join(body.split(b'"')[::2])


def _depth(text: bytes) -> int:
    """How deeply brackets nest, over the whole text even where they do not match."""
    brackets = np.frombuffer(text.translate(_BRACES_AS_BRACKETS, _NOT_BRACKETS), np.uint8)
    deepest = level = 0
    for start in range(0, len(brackets), _CHUNK):
        steps = np.where(brackets[start : start + _CHUNK] == _OPENING, 1, -1)
        levels = np.cumsum(steps, dtype=np.int64)
        deepest = max(deepest, level + int(levels.max()))
        level += int(levels[-1])
    return deepest
