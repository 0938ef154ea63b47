"""Real MLflow in environments of its own, packages that each side saved, and what each side answers to them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.interop.environments import MLFLOWS, interpreter
from tests.interop.ours import save_all_with_mlpack

HERE = Path(__file__).parent
Report = dict[str, Any]


@dataclass(frozen=True)
class Mlflow:
    """One release of MLflow in its environment, and a folder for what it writes."""

    release: str
    python: Path
    folder: Path

    def catalogue(self, verb: str, packages: Path) -> Report:
        """Run ``python -m catalogue``; returns its report."""
        report = self.folder / f"{verb}-{packages.name}.json"
        environ = {**os.environ, "PYTHONPATH": str(HERE)}
        command: list[str | Path] = [self.python, "-W", "ignore", "-m", "catalogue", verb, packages, report]
        done = subprocess.run(command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        found: Report = json.loads(report.read_text())
        return found


@dataclass(frozen=True)
class Packages:
    """The packages that one side saved, and what failed."""

    folder: Path
    failures: dict[str, str]


@pytest.fixture(scope="session")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Mlflow]:
    """A release of MLflow; its environment is made on first use, outside the clone."""

    @cache
    def get(release: str) -> Mlflow:
        return Mlflow(release, interpreter(release), tmp_path_factory.mktemp(f"mlflow-{release}"))

    return get


@pytest.fixture(scope="session")
def saved(mlflow: Callable[[str], Mlflow], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Packages]:
    """The packages that a release of MLflow, or ``"mlpack"``, saved of all cases."""

    @cache
    def get(by: str) -> Packages:
        folder = tmp_path_factory.mktemp(f"by-{by}")
        if by in MLFLOWS:
            return Packages(folder, mlflow(by).catalogue("save", folder))
        return Packages(folder, save_all_with_mlpack(folder))

    return get


@pytest.fixture(scope="session")
def told(mlflow: Callable[[str], Mlflow], saved: Callable[[str], Packages]) -> Iterator[Callable[[str, str], Report]]:
    """What a release of MLflow answers to the packages of a saver: all inputs and all questions, case by case.

    The releases answer at the same time, each in a thread that waits for its process.
    """

    def tell(release: str) -> dict[str, Report]:
        return {saver: mlflow(release).catalogue("answer", saved(saver).folder) for saver in (release, "mlpack")}

    saved("mlpack")
    with ThreadPoolExecutor(len(MLFLOWS)) as pool:
        telling = {release: pool.submit(tell, release) for release in MLFLOWS}
        yield lambda release, saver: telling[release].result()[saver]
