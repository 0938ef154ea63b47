"""Servers to do faults to: mlpack of this checkout, as people start it, with models that are made for it."""

from __future__ import annotations

import atexit
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import pandas as pd

import mlpack.pyfunc
import mlpack.sklearn
from benchmarks.processes import tree
from tests.interop.servers import free_port, listening

MODELS = Path(__file__).with_name("models")


@dataclass(frozen=True)
class Running:
    """A server that answers: its first process, its port, and the file that it logs to."""

    process: int
    port: int
    log: Path

    def workers(self) -> list[int]:
        """The processes below the first."""
        return tree(self.process)[1:]


@contextmanager
def running(model: str | Path, *options: str, **variables: str) -> Iterator[Running]:
    """``models serve`` of a model (see :func:`package`) or of a package, ended on leaving."""
    served = package(model) if isinstance(model, str) else model
    port = free_port()
    with TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "mlpack", "models", "serve", "-m", str(served), "-p", str(port), *options]
        with listening(Path(sys.executable), command, port, log, **variables) as server:
            yield Running(server.process, port, log)


@cache
def package(name: str) -> Path:
    """The package of a model: "flowers", a logistic regression of two columns, or one of ``models/NAME.py``."""
    temporary = mkdtemp(prefix="mlpack-faults-")
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    folder = Path(temporary) / name
    if name == "flowers":
        from sklearn.linear_model import LogisticRegression

        rows = pd.DataFrame([[1.0, 2.0], [2.0, 1.0], [7.0, 8.0], [8.0, 7.0]], columns=["length", "width"])
        mlpack.sklearn.save_model(LogisticRegression().fit(rows, [0, 0, 1, 1]), folder, input_example=rows)
    else:
        mlpack.pyfunc.save_model(folder, python_model=MODELS / f"{name}.py", pip_requirements=[])
    return folder
