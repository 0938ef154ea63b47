"""The kinds of body that are read and written, by content type."""

from __future__ import annotations

from typing import Any

from mlpack.errors import MissingFramework, UnsupportedMediaType

JSON = "application/json"
CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
ARROW_STREAM = "application/vnd.apache.arrow.stream"
#: What is read, in the order in which an error lists it.
SUPPORTED = (JSON, CSV, PARQUET, ARROW_STREAM)

_SHOWN = 200


def media_type(content_type: str | None) -> str:
    """The media type of a Content-Type header; a missing or empty one is JSON.

    Types are compared exactly, and ``charset=utf-8`` (in any case, without quotes) is the only parameter there may
    be, as in MLflow 3.17. Raises UnsupportedMediaType for anything else.
    """
    if not content_type or content_type in SUPPORTED:
        return content_type or JSON
    kind, *parameters = (part.strip() for part in content_type.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name != "charset" or value.lower() != "utf-8":
            raise _unsupported(content_type, tip="the only parameter of a content type may be charset=utf-8")
    if kind not in SUPPORTED:
        raise _unsupported(content_type)
    return kind


def load_pyarrow(kind: str) -> Any:
    """The module pyarrow, for a content type that takes it.

    Raises UnsupportedMediaType where it is not installed; the tip says how to install it.
    """
    try:
        import pyarrow
    except ImportError:
        missing = MissingFramework("pyarrow", needed_for=kind, extra="arrow")
        raise UnsupportedMediaType(kind, supported=(JSON, CSV), tip=missing.tip) from None
    return pyarrow


def _unsupported(content_type: str, *, tip: str = "") -> UnsupportedMediaType:
    return UnsupportedMediaType(content_type[:_SHOWN], supported=SUPPORTED, tip=tip)
