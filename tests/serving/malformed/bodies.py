"""Requests whose content type, coding or text is not what a model can read."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import orjson

from tests.serving.malformed import ROW, Case, message

TEXT = orjson.dumps({"dataframe_records": [ROW]})
_JSON = b"content-type: application/json"
_TYPES = (
    b"text/plain", b"text/html", b"application/xml", b"application/octet-stream",
    b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b"multipart/form-data",
    b"application/jsonp", b"json", b"application", b"/", b"application/json; charset=latin-1",
    b"application/json; charset=utf-16", b"application/json; charset=", b"application/json; version=1",
    b"application/json, text/csv", b"*/*", b"application/*", b"; charset=utf-8", b"application/json\xff",
    b"application/x-pickle", b"application/python-pickle", b"application/x-npy", b"image/png",
    b"text/csv; header=absent", b"application/" + b"j" * 5000, b"application/x-msgpack", b"application/yaml",
)  # fmt: skip
_ENCODINGS = (
    b"br", b"zstd", b"compress", b"x-gzip2", b"gzip, gzip", b"gzip, deflate", b"identity, gzip", b"chunked", b"*",
    b"aes128gcm", b"gzip;q=1", b"\xff", b"base64",
)  # fmt: skip
#: Each stands where a value stands.
_NO_VALUES = (
    b"NaN", b"Infinity", b"-Infinity", b"nan", b"nul", b"None", b"True", b"TRUE", b"undefined", b"tru", b"01", b"-01",
    b"+1", b".5", b"1.", b"1.e3", b"1e", b"1e+", b"--1", b"-", b"0x10", b"0b1", b"0o7", b"1_000", b"1,5", b"1 2",
    b"1a", b"'a'", b'"a', b'a"', b'"\t"', b'"\n"', b'"\x00"', b'"\\x41"', b'"\\u12"', b'"\\u123g"', b'"\\', b'"\\a"',
    b"`a`", b'"\\ud800"', b'"\\udc00"', b'"\\ud800\\u0041"', b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"',
    b'"\xf4\x90\x80\x80"', b'"\xe2\x82"', b"[1,]", b"[,1]", b"[1 2]", b"[", b"]", b"[1}", b"{1}", b"{a: 1}", b'{"a"}',
    b'{"a":}', b'{"a": 1,}', b"// x", b"/* x */ 1", b"# x", b"1;", b"(1)", b"<1>", b"\xef\xbb\xbf1", b"\xc2\xa01",
    b"\x0b1", b"1\x00", b"\x001", b"", b"1" * 500, b"0." + b"1" * 500, b"[" * 100 + b"]" * 100,
    b'{"a":' * 100 + b"1" + b"}" * 100, b"[" * 50_000,
)  # fmt: skip
_NO_OBJECTS = (
    b"", b" ", b"\n", b"\x00", b"null", b"true", b"1", b'"a"', b"[]", b"[1]", b"{}", b"{} {}", b"{}x", b'{"a": 1}',
    b"\xff", b"\xef\xbb\xbf", b"\xef\xbb\xbf" * 2 + TEXT, TEXT + b"\x00", TEXT + b"}", TEXT * 2, b"x" + TEXT,
    TEXT.decode().encode("utf-16"), TEXT.decode().encode("utf-32"), TEXT.decode().encode("utf-16-le"), b"<xml/>",
    b"small,count\n1,2\n", b"a=b&c=d", b"--x\r\ncontent-disposition: form-data\r\n\r\n1\r\n--x--", b"\x80\x04\x95.",
    b"PK\x03\x04", b"\x93NUMPY\x01\x00",
)  # fmt: skip


def bodies() -> Iterator[Case]:
    """Every case."""
    for kind in _TYPES:
        yield Case(f"the type {kind[:40]!r}", message(TEXT, [b"content-type: " + kind]))
    for kind in (b"application/json; charset=utf-8", b"application/json;charset=UTF-8", b""):
        yield Case(f"the type {kind!r}", message(TEXT, [b"content-type: " + kind]), refused=False)
    yield from _encoded()
    for value in _NO_VALUES:
        yield Case(f"JSON {value[:20]!r}", message(TEXT.replace(b"{", b'{"more": %s, ' % value)))
    for body in _NO_OBJECTS:
        yield Case(f"the body {body[:30]!r}", message(body))
    for at in range(1, len(TEXT), 6):
        yield Case(f"JSON cut off at {at}", message(TEXT[:at]))
        yield Case(f"JSON without its byte {at}, a mark", message(TEXT[:at] + b"\x01" + TEXT[at + 1 :]))


def _encoded() -> Iterator[Case]:
    packed, raw = gzip.compress(TEXT, mtime=0), zlib.compress(TEXT)
    for encoding in _ENCODINGS:
        yield Case(f"the coding {encoding!r}", message(packed, [_JSON, b"content-encoding: " + encoding]))
    for name, body, coding in (("gzip", packed, b"gzip"), ("deflate", raw, b"deflate"), ("raw", raw[2:-4], b"deflate")):
        headers = [_JSON, b"content-encoding: " + coding]
        yield Case(f"{name}, as it should be", message(body, headers), refused=False)
        for at in range(0, len(body) - 9, 12):
            yield Case(f"{name} cut off at {at}", message(body[:at], headers))
        yield Case(f"{name} with more behind it", message(body + b"more", headers))
        yield Case(f"{name} twice", message(body + body, headers))
        yield Case(f"{name} of another kind", message(TEXT, headers))
    bomb = gzip.compress(bytes(30_000_000), mtime=0)
    yield Case("a bomb", message(bomb, [_JSON, b"content-encoding: gzip"]))
    yield Case("a bomb in a bomb", message(gzip.compress(bomb), [_JSON, b"content-encoding: gzip"]))
    yield Case("packed, and not said", message(packed))
