"""Requests whose start line, headers, length or chunks are not HTTP/1.1, or are at its edge."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from tests.serving.malformed import ROW, Case, message

BODY = orjson.dumps({"dataframe_records": [ROW]})
GOOD = message(BODY)
LENGTH = b"content-length: %d" % len(BODY)
CHUNKED = b"transfer-encoding: chunked"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)

_STARTS = (
    b"", b"POST", b"POST /invocations", b"POST /invocations ", b"POST /invocations\rHTTP/1.1",
    b"POST\t/invocations\tHTTP/1.1", b"POST /invocations HTTP/1.1 x", b"POST /a b HTTP/1.1", b"\x00" * 30,
    b"POST /invocations HTTP/1", b"POST /invocations HTTP/11", b"POST /invocations HTTP/1.1.1", b"/invocations",
    b"POST /invocations HTTP/9.9", b"POST /invocations HTTP/2.0", b"POST /invocations HTTP/0.9",
    b"\x16\x03\x01\x02\x00", b"POST /invocations http/1.1", b"POST /invocations HTTPS/1.1",
    b"POST /invocations ICE/1.0", b"{}", b"post /invocations HTTP/1.1", b"P\xc3\x96ST /invocations HTTP/1.1",
    b"P OST /invocations HTTP/1.1", b"PO\x00ST /invocations HTTP/1.1", b"POST /invocations\x00 HTTP/1.1",
    b"POST /\x7f HTTP/1.1", b"FOO / HTTP/1.1", b"POST invocations HTTP/1.1", b"POST ../invocations HTTP/1.1",
    b"POST * HTTP/1.1", b"POST \\invocations HTTP/1.1", b"POST /invocations/ HTTP/1.1",
    b"POST //invocations HTTP/1.1", b"POST /./invocations HTTP/1.1", b"POST /%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
    b"POST /../../etc/passwd HTTP/1.1", b"POST /invocations%00 HTTP/1.1", b"POST /invocations%0d%0a HTTP/1.1",
    b"POST /%ff%fe HTTP/1.1", b"POST /%zz HTTP/1.1", b"POST /% HTTP/1.1", b"POST /\xff\xfe HTTP/1.1",
    b"POST /" + b"a" * 20_000 + b" HTTP/1.1", b"POST /?" + b"a" * 20_000 + b" HTTP/1.1", b"GET /invocations HTTP/1.1",
    b"PUT /invocations HTTP/1.1", b"DELETE /invocations HTTP/1.1", b"PATCH /invocations HTTP/1.1",
    b"OPTIONS /invocations HTTP/1.1", b"TRACE /invocations HTTP/1.1", b"CONNECT /invocations HTTP/1.1",
    b"CONNECT test:443 HTTP/1.1", b"POST http:///invocations HTTP/1.1", b"POST http://[::1/invocations HTTP/1.1",
    b"POST ://x HTTP/1.1",
)  # fmt: skip
_DELIMITERS = b'"(),/:;<=>?@[\\]{} \t\x00\x01\x0b\x0c\x1f\x7f\x80\xff'
_CONTROLS = bytes(each for each in range(32) if each not in b"\t\r\n") + b"\x7f"
_LENGTHS = (
    b"", b" ", b"x", b"-1", b"+5", b"0x10", b"1e2", b"5.0", b"5,5", b"5, 6", b"5 5", b"5;5", b"\xd9\xa5", b"1_0",
    b"9" * 19, b"9" * 20, b"9" * 40, b"18446744073709551616", b"-0", b"0" * 300 + b"x", b"NaN", b"None", b"\x005",
)  # fmt: skip
_CODINGS = (
    b"identity", b"gzip", b"deflate", b"gzip, chunked", b"chunked, gzip", b"chunked, identity", b"xchunked",
    b"chunke", b"chunked, chunked", b"chunked;x", b"\x0bchunked", b'"chunked"', b"chunked\x00", b"", b",",
    b"chunked x", b"cow",
)  # fmt: skip
_CHUNK_SIZES = (
    b"", b"g", b"-1", b"+1", b"0x1", b"1.0", b" 1", b"1 1", b"\x001", b"1\x00", b"f" * 17, b"8" + b"0" * 15, b"1_1",
    b"\xff", b"one", b",1", b"'1'",
)  # fmt: skip


def framing() -> Iterator[Case]:
    """Every case."""
    rest = b"\r\nhost: test\r\n" + LENGTH + b"\r\n\r\n" + BODY
    for start in _STARTS:
        yield Case(f"start {start[:40]!r}", start + rest)
    yield from _headers()
    yield from _lengths()
    yield from _chunks()
    for at in range(1, len(GOOD), 9):
        yield Case(f"cut off at {at}", GOOD[:at])


def _headers() -> Iterator[Case]:
    for byte in _DELIMITERS:
        at = bytes([byte])
        # A colon ends the name, and what follows it is the value.
        yield Case(f"a name with {at!r}", _with(b"x" + at + b"y: 1"), at != b":")
    for byte in _CONTROLS:
        yield Case(f"a value with {bytes([byte])!r}", _with(b"x: a" + bytes([byte]) + b"b"))
    for line in (b"no colon", b": no name", b"x: a\r\n folded", b"x: a\rb: c", b"x: a\n\x00: c", b"\r", b"x:\x00"):
        yield Case(f"the line {line!r}", _with(line))
    for line in (b"x:", b"x:\t1\t", b"x: \xff\xfe", b"x: \xc3\xa9", b"X: 1\r\nx: 2", b"x: " + b"a" * 5000):
        yield Case(f"the line {line[:20]!r}", _with(line), refused=False)
    for hosts in (b"", b"host: test\r\nhost: test\r\n", b"host: a\r\nHost: b\r\n"):
        yield Case(f"hosts {hosts!r}", GOOD.replace(b"host: test\r\n", hosts))
    yield Case("too many headers", _with(*(b"x%d: 1" % at for at in range(200))))
    yield Case("a header too long", _with(b"x: " + b"a" * 40_000))
    yield Case("a name too long", _with(b"a" * 40_000 + b": 1"))
    yield Case("cookies too long", _with(b"cookie: " + b"a=b; " * 8000))


def _lengths() -> Iterator[Case]:
    start = b"POST /invocations HTTP/1.1\r\nhost: test\r\n"
    for value in _LENGTHS:
        yield Case(f"the length {value[:20]!r}", start + b"content-length: " + value + b"\r\n\r\n" + BODY)
    for lines in (
        LENGTH + b"\r\ncontent-length: 5",
        b"content-length: 5\r\n" + LENGTH,
        LENGTH + b"\r\nContent-Length : 5",
        LENGTH + b"\r\n" + CHUNKED,
        CHUNKED + b"\r\n" + LENGTH,
        LENGTH + b"\r\ntransfer-encoding: identity",
    ):
        yield Case(f"lengths {lines!r}", start + lines + b"\r\n\r\n" + CHUNKS)
    yield Case("no length", start + b"\r\n" + BODY)
    yield Case("a length of none", start + b"content-length: 0\r\n\r\n")
    yield Case("a length too short", start + b"content-length: 5\r\n\r\n" + BODY)
    yield Case("a length beyond the limit", start + b"content-length: 99999999999\r\n\r\n")


def _chunks() -> Iterator[Case]:
    start = b"POST /invocations HTTP/1.1\r\nhost: test\r\n"
    for coding in _CODINGS:
        yield Case(f"the coding {coding!r}", start + b"transfer-encoding: " + coding + b"\r\n\r\n" + CHUNKS)
    head = start + CHUNKED + b"\r\n\r\n"
    for size in _CHUNK_SIZES:
        yield Case(f"a chunk of {size!r}", head + size + b"\r\n" + BODY + b"\r\n0\r\n\r\n")
    whole = b"%x" % len(BODY)
    for name, chunks in {
        "no end of a chunk": whole + b"\r\n" + BODY + b"0\r\n\r\n",
        "another end of a chunk": whole + b"\r\n" + BODY + b"XX0\r\n\r\n",
        "a chunk shorter than it says": b"fff\r\n" + BODY + b"\r\n0\r\n\r\n",
        "a chunk longer than it says": b"5\r\n" + BODY + b"\r\n0\r\n\r\n",
        "no last chunk": whole + b"\r\n" + BODY + b"\r\n",
        "a bad trailer": CHUNKS[:-2] + b"no colon\r\n\r\n",
        "many trailers": CHUNKS[:-2] + b"x: 1\r\n" * 20_000 + b"\r\n",
    }.items():
        yield Case(name, head + chunks)
    tiny = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"
    for name, chunks in {
        "tiny chunks": tiny,
        "an extension": whole + b";a=b" + CHUNKS[len(whole) :],
        "a trailer that would be another type": CHUNKS[:-2] + b"content-type: text/csv\r\n\r\n",
    }.items():
        yield Case(name, head + chunks, refused=False)


def _with(*lines: bytes) -> bytes:
    return message(BODY, [b"content-type: application/json", *lines])
