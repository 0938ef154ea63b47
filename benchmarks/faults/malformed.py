"""What servers do with some 900 requests that are wrong: 5xx, hangs, tracebacks sent, and what they take."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.faults.rows import Figure, fault
from benchmarks.faults.servers import running
from benchmarks.libraries import MLFLOW_RELEASE
from tests.interop.environments import interpreter
from tests.interop.servers import served
from tests.serving.malformed import model
from tests.serving.malformed.asking import FAULTS, outcomes
from tests.serving.malformed.bodies import bodies
from tests.serving.malformed.framing import framing
from tests.serving.malformed.tables import tables


@fault
def malformed() -> Iterator[Figure]:
    """All cases, sent to mlpack."""
    with _package() as package, running(package) as server:
        yield from _figures(server.port, bar=0)


@fault
def malformed_at_mlflow() -> Iterator[Figure]:
    """The same, sent to MLflow, whose rules for what fits a signature are others: a note, without a bar."""
    with (
        _package() as package,
        served(interpreter(MLFLOW_RELEASE), "mlflow", package, package.with_name("log")) as server,
    ):
        yield from _figures(server.port, bar=math.inf)


@contextmanager
def _package() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        package = Path(folder) / "model"
        model.save(package)
        yield package


def _figures(port: int, *, bar: float) -> Iterator[Figure]:
    found = outcomes(port, [*framing(), *bodies(), *tables()])
    counts = Counter(each.fault for each in found)
    for name in FAULTS:
        yield Figure(f"{name} in {len(found)} requests", counts[name], bar)
