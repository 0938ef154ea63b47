"""Input files larger than memory, chunk by chunk, each held against the signature as a request body is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from mlpack.errors import InvalidArgument, UnsupportedMediaType
from mlpack.manifest import Model
from mlpack.payloads.arrow import read_arrow_chunks
from mlpack.payloads.counting import counted_from
from mlpack.payloads.delimited import Reader
from mlpack.payloads.json_body import checked_params, decode_json
from mlpack.payloads.limits import Limits
from mlpack.payloads.media import ARROW_STREAM, CSV, JSON, PARQUET
from mlpack.payloads.payload import Payload

#: The content types of files, by the suffix of their names.
SUFFIXES = {".json": JSON, ".csv": CSV, ".parquet": PARQUET, ".arrow": ARROW_STREAM, ".arrows": ARROW_STREAM}

_DEFAULTS = Limits()


def content_type_of(path: str | PathLike[str]) -> str:
    """The content type of a file by its suffix; raises UnsupportedMediaType for one that is not read here."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise UnsupportedMediaType(suffix or "a file without a suffix", supported=SUFFIXES)
    return SUFFIXES[suffix]


def chunks(
    source: str | PathLike[str] | BinaryIO,
    content_type: str,
    model: Model,
    rows: int,
    limits: Limits = _DEFAULTS,
) -> Iterator[Payload]:
    """The payloads of a file or an open stream, of at most ``rows`` rows each; at least one, which may have no rows.

    CSV, Parquet and Arrow take the memory of one chunk. JSON is read whole, up to the limit of a body, and is one
    payload. A limit on cells is for a chunk. Where there is no signature, dtypes are inferred chunk by chunk.

    Raises:
        InvalidInput: the file is not what the content type says, or does not fit the signature.
    """
    if rows < 1:
        raise InvalidArgument(f"a chunk has at least one row, got {rows}")
    with ExitStack() as stack:
        stream = stack.enter_context(Path(source).open("rb")) if isinstance(source, (str, PathLike)) else source
        if content_type == JSON:
            body = stream.read(limits.body_bytes + 1)
            limits.check("body_bytes", "the size of the input", len(body))
            yield decode_json(body, model, limits)
        elif content_type == CSV:
            yield from _csv_chunks(stream, model, rows, limits)
        else:
            for data in read_arrow_chunks(stream, content_type, model, rows, limits):
                yield Payload(data, checked_params(None, model))


def _csv_chunks(stream: BinaryIO, model: Model, rows: int, limits: Limits) -> Iterator[Payload]:
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
    try:
        reader = Reader(text, limits)
        first = 0
        while (table := reader.read(rows)).rows or not first:
            with counted_from(first):
                data = table.typed(model)
            yield Payload(data, checked_params(None, model))
            first += max(1, table.rows)
    finally:
        text.detach()
