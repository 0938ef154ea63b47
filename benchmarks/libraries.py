"""The two sides of every measurement: a library's name and the Python that has it."""

from __future__ import annotations

import json
import subprocess
import sysconfig
import venv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from mlpack.errors import DISTRIBUTION
from mlpack.own_wheel import own_wheel
from tests.interop.environments import environment, interpreter, pins

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

    MLflow's takes minutes on its first use and is kept.
    """
    return Library("mlflow", interpreter(MLFLOW_RELEASE)), Library("mlpack", own_python(folder / "mlpack", "sklearn"))


def own_python(folder: Path, *extras: str) -> Path:
    """The Python of an environment made in ``folder``: a wheel of this very checkout over what it needs with extras.

    The development environment would not do, since pandas loads pyarrow wherever it is installed. What the wheel needs
    is kept for the next time; the wheel is installed anew.
    """
    base = environment((*pins("pandas"), *_needed(extras)))
    venv.create(folder)
    python = folder / "bin" / "python"
    pip = (base, "-m", "pip", "--disable-pip-version-check", "--python", python)
    subprocess.run([*pip, "install", "-qq", "--no-deps", own_wheel(folder)], check=True)
    (_packages(folder) / "needed.pth").write_text(f"{_packages(base.parents[1])}\n")
    return python


def _needed(extras: Collection[str]) -> Iterator[str]:
    for line in map(Requirement, requires(DISTRIBUTION) or ()):
        if line.marker is None or any(line.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            line.marker = None
            yield str(line)


def _packages(environment: Path) -> Path:
    return Path(sysconfig.get_path("purelib", "posix_prefix", {"base": str(environment)}))
