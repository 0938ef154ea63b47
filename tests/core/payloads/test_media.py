from __future__ import annotations

import pytest

from mlpack.errors import LimitExceeded, UnsupportedMediaType
from mlpack.manifest import Model
from mlpack.payloads import CSV, JSON, PARQUET, Limits, decode
from mlpack.payloads.media import media_type


@pytest.mark.parametrize("missing", [None, ""])
def test_a_missing_content_type_is_json(missing: str | None) -> None:
    assert media_type(missing) == JSON
    assert decode(b'{"inputs": [1]}', missing, Model()).data.tolist() == [1]


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/json; charset=utf-8", JSON),
        ("application/json ;charset=UTF-8", JSON),
        (" text/csv", CSV),
        ("application/vnd.apache.parquet", PARQUET),
    ],
)
def test_charset_utf_8_is_the_only_parameter(content_type: str, kind: str) -> None:
    assert media_type(content_type) == kind


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/json; charset=latin-1", 'application/json; charset="utf-8"', "application/json; version=1"),
        *(
            "application/json;",
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/octet-stream",
            "json",
            "*/*",
        ),
        *("application/json, text/csv", "application/x-www-form-urlencoded", "\0", "x" * 10_000),
    ],
)
def test_anything_else_is_refused_before_the_body_is_read(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType) as caught:
        decode(b"", content_type, Model())
    assert len(str(caught.value)) < 1024


def test_a_body_is_limited_whatever_its_type() -> None:
    for content_type in (None, CSV, PARQUET):
        with pytest.raises(LimitExceeded, match="size of the body is limited to 10, got 11") as caught:
            decode(b"x" * 11, content_type, Model(), Limits(body_bytes=10))
        assert caught.value.option == "--max-body-bytes"
