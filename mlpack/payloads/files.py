"""Input files larger than memory, chunk by chunk, each held against the signature as a request body is."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from mlpack.errors import InvalidArgument, UnsupportedMediaType
from mlpack.manifest import Model
from mlpack.payloads.arrow_chunks import split_arrow
from mlpack.payloads.chunk import Chunk, WholeInput
from mlpack.payloads.delimited_chunks import split_csv
from mlpack.payloads.limits import Limits
from mlpack.payloads.media import ARROW_STREAM, CSV, JSON, PARQUET
from mlpack.payloads.payload import Payload

#: The content types of files, by the suffix of their names.
SUFFIXES = {".json": JSON, ".csv": CSV, ".parquet": PARQUET, ".arrow": ARROW_STREAM, ".arrows": ARROW_STREAM}

_DEFAULTS = Limits()
_BLOCK = 1 << 20


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
    """The payloads of a file or an open stream, chunk by chunk, see `split`; a limit on cells is for a chunk.

    Where there is no signature, dtypes are inferred chunk by chunk.

    Raises:
        InvalidInput: the file is not what the content type says, or does not fit the signature.
    """
    for chunk in split(source, content_type, rows, limits):
        yield chunk.payload(model, limits)


def split(
    source: str | PathLike[str] | BinaryIO, content_type: str, rows: int, limits: Limits = _DEFAULTS
) -> Generator[Chunk, None, None]:
    """A file or an open stream in chunks of at most ``rows`` rows; at least one, which may have no rows.

    CSV, Parquet and Arrow take the memory of one chunk. JSON is one chunk, as large as a body may be.

    Raises:
        InvalidInput: the file is not what the content type says.
    """
    if rows < 1:
        raise InvalidArgument(f"a chunk has at least one row, got {rows}")
    with ExitStack() as stack:
        stream = stack.enter_context(Path(source).open("rb")) if isinstance(source, (str, PathLike)) else source
        if content_type == JSON:
            yield WholeInput(0, 0, _read(stream, limits))
        elif content_type == CSV:
            yield from split_csv(stream, rows, limits)
        else:
            yield from split_arrow(stream, content_type, rows)


def _read(stream: BinaryIO, limits: Limits) -> bytes:
    body = bytearray()
    while block := stream.read(_BLOCK):
        body += block
        limits.check("body_bytes", "the size of the input", len(body))
    return bytes(body)
