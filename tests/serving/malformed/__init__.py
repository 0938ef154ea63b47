"""Some 800 requests that are wrong, or look so, made by rule; each says whether it is to be refused.

Sources of the rules: RFC 9112 (framing), RFC 9110 (headers), RFC 8259 (JSON), RFC 4180 (CSV), and docs/format.md for
what a value may be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: One row that fits the signature of the model in :mod:`tests.serving.malformed.model`, by its columns.
ROW: dict[str, object] = {
    "small": 1,
    "count": 2,
    "ratio": 0.5,
    "amount": 1.5,
    "name": "a",
    "ok": True,
    "when": "2024-01-02T03:04:05",
    "raw": "AAEC",
    "note": None,
}


@dataclass(frozen=True)
class Case:
    """The bytes of one request; it is ``refused`` with a 4xx, or a closed connection, else answered with 200."""

    name: str
    sent: bytes
    refused: bool = True


def message(body: bytes, headers: Iterable[bytes] = (b"content-type: application/json",)) -> bytes:
    """A request to predict that is framed as it should be."""
    lines = [b"POST /invocations HTTP/1.1", b"host: test", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join([*lines, b"", b""]) + body
