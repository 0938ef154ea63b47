"""``mlpack models predict``: predictions for a file, which may be larger than memory."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from mlpack.cli import options
from mlpack.cli.console import results
from mlpack.cli.elsewhere import run_there
from mlpack.cli.fetching import fetched
from mlpack.cli.kept import Answer, Answers, AnswersOf, kept_beside
from mlpack.files import whole_file
from mlpack.workers import mapped

if TYPE_CHECKING:
    from mlpack.cli.job import Job
    from mlpack.payloads.chunk import Chunk

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
@click.option(
    "-w",
    "--workers",
    type=options.Workers(),
    default="auto",
    show_default=True,
    metavar="N",
    help="processes that predict, where rows do not depend on each other; auto: one for each processor if they can"
    " share the loaded model, else 1",
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
    workers: int | str,
) -> int | None:
    """Predict on a file.

    CSV, Parquet and Arrow streams may be larger than memory: they are read, predicted and written chunk by chunk, by
    several processes where the model allows. JSON is what POST /invocations takes, and is read whole.

    The output file appears when it is whole. Where a run from file to file stops before, what it has done stays in a
    hidden folder beside the output, and the same command goes on from there.

    \b
    Examples:
      mlpack models predict -m my_model -i rows.csv -o predictions.csv
      mlpack models predict -m my_model -i rows.parquet -o predictions.parquet -w 4
      echo '{"inputs": {"a": [1, 3], "b": [2, 4]}}' | mlpack models predict -m my_model
    """
    if env_manager != options.LOCAL:
        return run_there(context, model_uri, env_manager)
    from mlpack.cli.job import UNLIMITED, Job
    from mlpack.payloads.files import split
    from mlpack.payloads.media import ARROW_STREAM, JSON, PARQUET, load_pyarrow
    from mlpack.payloads.writers import open_writer
    from mlpack.pyfunc import load_model

    kind, output = _media_type(content_type, input_path), _media_type(output_type, output_path)
    if output in (ARROW_STREAM, PARQUET):
        load_pyarrow(output)  # if it is missing, this is the time to say so
    folder = fetched(model_uri)
    with ExitStack() as stack:
        stdout, source = stack.enter_context(results()), stack.enter_context(_source(input_path))
        model = load_model(folder)
        rows = chunk_rows or (CHUNK_ROWS if model.row_wise else sys.maxsize)
        job = Job(folder, model, input_path, kind, output, rows)
        target, answers_of = stack.enter_context(_target(output_path, stdout, job))
        bar = stack.enter_context(closing(_Progress(source)))

        def rest(done: int) -> Generator[Answer, None, None]:
            with closing(split(source, kind, rows, UNLIMITED)) as chunks:
                yet = bar.reading(islice(chunks, done, None))
                yield from mapped(job.answer, yet, job.workers(workers), shared=job.shared)

        with closing(answers_of(rest)) as answers:
            first = next(answers)
            with open_writer(target, output, wrapped=first.wrapped) as writer:
                for answer in chain([first], answers):
                    writer.append(answer.body)
                    bar.advance()
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
def _target(path: str, stdout: BinaryIO, job: Job) -> Iterator[tuple[BinaryIO, AnswersOf]]:
    """Standard output, a file that appears when it is whole, or a device or pipe that is there already.

    With it what its answers come from: a file to which a file is predicted may have some of an earlier run.
    """
    if path == "-":
        yield stdout, _afresh
    elif Path(path).exists() and not Path(path).is_file():
        with Path(path).open("wb") as stream:
            yield stream, _afresh
    elif Path(job.input_path).is_file():
        with kept_beside(Path(path).resolve(), job.record()) as kept:
            yield kept
    else:
        with whole_file(Path(path).resolve()) as stream:
            yield stream, _afresh


def _afresh(rest: Answers) -> Generator[Answer, None, None]:
    return rest(0)


class _Progress:
    """A bar on a terminal, for input whose size is known: how far that was read to which the answers are written."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._shown = sys.stderr.isatty() and source.seekable()
        self._stack = ExitStack()
        self._bar: Any = None
        self._ends: deque[int] = deque()

    def reading(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """The chunks, while it is noted where in the input each of them ends."""
        for chunk in chunks:
            if self._shown:
                self._ends.append(self._source.tell())
            yield chunk

    def advance(self) -> None:
        """Show that the next chunk is done; the bar appears with the first one that was not done by an earlier run."""
        if not self._ends:
            return
        if self._bar is None:
            size = os.fstat(self._source.fileno()).st_size
            self._bar = self._stack.enter_context(click.progressbar(length=size, label="predicting", file=sys.stderr))
        self._bar.update(self._ends.popleft() - self._bar.pos)

    def close(self) -> None:
        """End the line of the bar."""
        self._stack.close()
