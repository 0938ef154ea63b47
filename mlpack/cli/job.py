"""A prediction job: what is asked of a model, chunk by chunk, and what its answers depend on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpack import __version__
from mlpack.cli.errors import model_at_work
from mlpack.cli.kept import Answer
from mlpack.errors import InvalidInput, PredictionFailed
from mlpack.payloads import Limits, encode_answer
from mlpack.payloads.chunk import Chunk
from mlpack.processors import usable
from mlpack.pyfunc import PyFuncModel, load_model
from mlpack.workers import CAN_SHARE

#: The size of a file is the caller's own affair, unlike that of a request.
UNLIMITED = Limits(body_bytes=sys.maxsize, columns=sys.maxsize, cells=sys.maxsize, array_bytes=sys.maxsize)


@dataclass(frozen=True)
class Job:
    """The model of the package in ``folder``, asked about an input in chunks of up to ``rows`` rows.

    When it is pickled it leaves the model behind, and loads it where it goes.
    """

    folder: Path
    model: PyFuncModel
    input_path: str
    input_type: str
    output_type: str
    rows: int

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled."""
        return _loaded, (self.folder, self.input_path, self.input_type, self.output_type, self.rows)

    @property
    def shared(self) -> bool:
        """Whether processes share the model. User code may hold what does not survive a fork: connections, a GPU."""
        return CAN_SHARE and self.model.is_plain

    def workers(self, wanted: int | str) -> int:
        """How many processes are to predict; ``auto`` takes no more memory than one would."""
        if not self.model.row_wise:
            return 1
        return wanted if isinstance(wanted, int) else usable() if self.shared else 1

    def answer(self, chunk: Chunk) -> Answer:
        """Predict on a chunk; raises InvalidInput or PredictionFailed, which name its rows."""
        with _told_of(chunk):
            payload = chunk.payload(self.model.metadata, UNLIMITED)
            with model_at_work():
                predictions = self.model.predict_checked(payload.data, payload.params)
            return Answer(encode_answer(predictions, self.output_type), chunk.rows, payload.wrapped)

    def record(self) -> dict[str, Any]:
        """What another run must have in common with this one to go on with it, by the words for it."""
        path = Path(self.input_path).resolve()
        state = path.stat()
        return {
            "version of mlpack": __version__,
            "model": self.model.digest,  # files were compared with the manifest when the model was loaded
            "input": [str(path), state.st_size, state.st_mtime_ns],
            "input type": self.input_type,
            "output type": self.output_type,
            "number of rows in a chunk": self.rows,
        }


def _loaded(folder: Path, *rest: Any) -> Job:
    return Job(folder, load_model(folder, suppress_warnings=True), *rest)


@contextmanager
def _told_of(chunk: Chunk) -> Iterator[None]:
    try:
        yield
    except (InvalidInput, PredictionFailed) as error:
        if chunk.rows:
            error.message = f"in {chunk}: {error.message}"
            error.args = (error.message,)
        raise
