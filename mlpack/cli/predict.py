"""``mlpack models predict``: predictions for a file, which may be larger than memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from mlpack.cli import options
from mlpack.cli.console import results
from mlpack.cli.elsewhere import run_there
from mlpack.cli.errors import model_at_work
from mlpack.cli.fetching import fetched
from mlpack.errors import InvalidInput, MalformedPayload
from mlpack.files import whole_file

if TYPE_CHECKING:
    from mlpack.payloads import Payload
    from mlpack.pyfunc import PyFuncModel

FORMATS = ("json", "csv", "parquet", "arrow")
#: Rows that are predicted together, where it makes no difference to their predictions.
CHUNK_ROWS = 10_000


@click.command()
@options.model_uri
@options.env_manager
@click.option(
    "-i",
    "--input-path",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    default="-",
    metavar="FILE",
    help="what to predict on  [default: standard input]",
)
@click.option(
    "-o",
    "--output-path",
    type=click.Path(dir_okay=False, allow_dash=True),
    default="-",
    metavar="FILE",
    help="where to write the predictions  [default: standard output]",
)
@click.option(
    "-t",
    "--content-type",
    type=click.Choice(FORMATS),
    help="what the input is  [default: by the suffix of its name, else json]",
)
@click.option(
    "--output-type",
    type=click.Choice(FORMATS),
    help="what to write  [default: by the suffix of its name, else json]",
)
@click.option(
    "--chunk-rows",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"rows to predict at a time  [default: {CHUNK_ROWS}, or all where predictions may depend on other rows]",
)
@options.foreign
@click.pass_context
def predict(
    context: click.Context,
    /,
    *,
    model_uri: str,
    env_manager: str,
    input_path: str,
    output_path: str,
    content_type: str | None,
    output_type: str | None,
    chunk_rows: int | None,
) -> int | None:
    """Predict on a file.

    CSV, Parquet and Arrow streams may be larger than memory: they are read, predicted and written chunk by chunk.
    JSON is what POST /invocations takes, and is read whole. The output file appears when it is whole.

    \b
    Examples:
      mlpack models predict -m my_model -i rows.csv -o predictions.csv
      mlpack models predict -m my_model -i rows.parquet -o predictions.parquet
      echo '{"inputs": {"a": [1, 3], "b": [2, 4]}}' | mlpack models predict -m my_model
    """
    if env_manager != options.LOCAL:
        return run_there(context, model_uri, env_manager)
    from mlpack.payloads import JSON
    from mlpack.payloads.writers import open_writer
    from mlpack.pyfunc import load_model

    kind, output = _media_type(content_type, input_path), _media_type(output_type, output_path)
    folder = fetched(model_uri)
    with _source(input_path) as source, _target(output_path) as target, _progress(source) as advance:
        model = load_model(folder)
        rows = chunk_rows or (CHUNK_ROWS if model.row_wise else sys.maxsize)
        with closing(_payloads(source, kind, model, rows)) as payloads:
            first = next(payloads)
            with open_writer(target, output, wrapped=first.wrapped) as writer:
                for payload in chain([first], payloads):
                    with model_at_work():
                        answer = model.predict_checked(payload.data, payload.params)
                    writer.write(answer)
                    advance()
        if output == JSON:
            target.write(b"\n")
    return None


def _media_type(name: str | None, path: str) -> str:
    """The content type of one of FORMATS, or of a file by its suffix, or JSON."""
    from mlpack.payloads.files import SUFFIXES
    from mlpack.payloads.media import JSON

    return SUFFIXES.get(f".{name}" if name else Path(path).suffix.lower(), JSON)


def _source(path: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb")


@contextmanager
def _target(path: str) -> Iterator[BinaryIO]:
    """Standard output, a file that appears when it is whole, or a device or pipe that is there already."""
    with results() as stdout:
        if path == "-":
            yield stdout
        elif Path(path).exists() and not Path(path).is_file():
            with Path(path).open("wb") as stream:
                yield stream
        else:
            with whole_file(Path(path).resolve()) as stream:
                yield stream


@contextmanager
def _progress(source: BinaryIO) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, for input whose size is known; yields what moves it to where the input is read."""
    if not (sys.stderr.isatty() and source.seekable()):
        yield lambda: None
        return
    size = os.fstat(source.fileno()).st_size
    with click.progressbar(length=size, label="predicting", file=sys.stderr) as bar:
        yield lambda: bar.update(source.tell() - bar.pos)


def _payloads(source: BinaryIO, kind: str, model: PyFuncModel, rows: int) -> Generator[Payload]:
    """The input in chunks of ``rows``; JSON is one. Its size is the caller's own affair, unlike that of a request."""
    from mlpack.payloads import JSON, Limits, decode
    from mlpack.payloads.files import chunks

    limits = Limits(body_bytes=sys.maxsize, columns=sys.maxsize, cells=sys.maxsize, array_bytes=sys.maxsize)
    done = 0
    try:
        if kind == JSON:
            yield decode(source.read(), kind, model.metadata, limits)
            return
        for payload in chunks(source, kind, model.metadata, rows, limits):
            yield payload
            done += rows
    except InvalidInput as error:
        if not done:
            raise
        message = f"in the chunk of rows that starts at row {done}: {error}"
        raise MalformedPayload(message, field=error.field, tip=error.tip) from error
