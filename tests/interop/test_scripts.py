"""Scripts as users of MLflow write them: after ``mlflow`` in them is replaced by ``mlpack`` they print the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.interop.conftest import Mlflow
from tests.interop.environments import MLFLOWS

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))
WORD = re.compile(r"\bmlflow\b")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_prints_the_same_with_mlpack(script: Path, mlflow: Callable[[str], Mlflow], tmp_path: Path) -> None:
    theirs = run(mlflow(next(iter(MLFLOWS))).python, script.read_text(), tmp_path / "theirs")
    ours = run(Path(sys.executable), WORD.sub("mlpack", script.read_text()), tmp_path / "ours")
    # A manifest names the loaders of MLflow, whoever wrote it.
    assert WORD.sub("mlpack", ours) == WORD.sub("mlpack", theirs)


def run(python: Path, source: str, folder: Path) -> str:
    """What the script prints, run in an empty folder of its own."""
    folder.mkdir()
    (folder / "script.py").write_text(source)
    environ = {**os.environ, "MLFLOW_SKIP_PIP_REQUIREMENTS_CHECK": "true"}
    command: list[str | Path] = [python, "-W", "ignore", "script.py"]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
