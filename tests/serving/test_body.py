"""Decompression that cannot be made to fill the memory."""

from __future__ import annotations

import gzip
import zlib

import pytest

from mlpack.errors import LimitExceeded, MalformedPayload
from mlpack_serving.body import decompress
from mlpack_serving.settings import Settings

TEXT = bytes(range(256)) * 4
RAW = zlib.compressobj(wbits=-15)
DEFLATED = RAW.compress(TEXT) + RAW.flush()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(TEXT, "identity"), (gzip.compress(TEXT), "gzip"), (zlib.compress(TEXT), "deflate"), (DEFLATED, "deflate")],
)
def test_a_body_is_what_it_was_before_compression(body: bytes, encoding: str) -> None:
    assert decompress(body, encoding, Settings()) == TEXT


def test_a_bomb_is_refused_by_its_ratio() -> None:
    with pytest.raises(LimitExceeded, match="ratio"):
        decompress(gzip.compress(bytes(10**6)), "gzip", Settings())


def test_the_size_limit_holds_after_decompression() -> None:
    with pytest.raises(LimitExceeded, match="limited to 1000"):
        decompress(gzip.compress(TEXT), "gzip", Settings(body_bytes=1000))


@pytest.mark.parametrize("body", [b"{}", gzip.compress(TEXT)[:-4], gzip.compress(TEXT) + b"more"])
def test_what_is_not_gzip_from_end_to_end_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedPayload, match="gzip"):
        decompress(body, "gzip", Settings())
