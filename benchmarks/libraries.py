"""The two sides of every measurement: a library's name and the Python that has it."""

from __future__ import annotations

import json
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from mlpack.own_wheel import own_wheel
from tests.interop.environments import interpreter, pins

MLFLOW_RELEASE = "3.17.2"


@dataclass(frozen=True)
class Library:
    """A library, and the interpreter of an environment where it is installed."""

    name: str
    python: Path

    def run(self, script: str, *arguments: str, timeout: float | None = None) -> Any:
        """Run a script of this folder in the library's environment, for at most so many seconds; it prints JSON."""
        path = Path(__file__).with_name("scripts") / script
        command: list[str | Path] = [self.python, "-W", "ignore", path, self.name, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout)
        return json.loads(done.stdout.splitlines()[-1])


def both(folder: Path) -> tuple[Library, Library]:
    """MLflow and mlpack, each in an environment with just what a user of it installs to serve scikit-learn.

    MLflow's takes minutes on its first use and is kept. Ours is made anew in ``folder``, from a wheel of this very
    checkout: the development environment would not do, since pandas loads pyarrow wherever it is installed.
    """
    python = folder / "mlpack" / "bin" / "python"
    venv.create(folder / "mlpack", with_pip=True)
    wheel = f"{own_wheel(folder)}[sklearn]"
    subprocess.run([python, "-m", "pip", "install", "-qq", wheel, *pins("pandas")], check=True)
    return Library("mlflow", interpreter(MLFLOW_RELEASE)), Library("mlpack", python)


@dataclass(frozen=True)
class Measurement:
    """One line of the table: medians of both sides, in ``unit``, and how large ``ratio`` may or must be."""

    what: str
    unit: str
    mlflow: float
    mlpack: float
    bar: float
    more_is_better: bool = False

    @classmethod
    def of(cls, what: str, unit: str, runs: dict[str, list[float]], bar: float, **options: bool) -> Measurement:
        """The medians of several runs of each library."""
        return cls(what, unit, median(runs["mlflow"]), median(runs["mlpack"]), bar, **options)

    @property
    def ratio(self) -> float:
        """mlpack's figure over MLflow's."""
        return self.mlpack / self.mlflow

    @property
    def reached(self) -> bool:
        """Whether the ratio is on the right side of its bar."""
        return self.ratio >= self.bar if self.more_is_better else self.ratio <= self.bar
