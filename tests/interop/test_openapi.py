"""Schemathesis makes requests from the server's own description, right ones and wrong ones, and finds nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

import mlpack.sklearn
from mlpack.models import infer_signature
from tests.interop.environments import environment
from tests.interop.servers import served

ROWS = pd.DataFrame([[1.0, 2.0], [2.0, 1.0], [7.0, 8.0], [8.0, 7.0]], columns=["length", "width, in cm"])
KINDS = [0, 0, 1, 1]


@pytest.fixture(scope="module")
def schemathesis() -> Path:
    """The command, in an environment of its own."""
    return environment(("schemathesis==4.32.5",)).with_name("schemathesis")


def saved(path: Path, name: str) -> None:
    if name == "tensor":
        model = LogisticRegression().fit(ROWS.to_numpy(), KINDS)
        mlpack.sklearn.save_model(model, path, signature=infer_signature(ROWS.to_numpy()))
    else:
        kind = {"columns": LogisticRegression, "gaps": HistGradientBoostingClassifier}[name]
        mlpack.sklearn.save_model(kind().fit(ROWS, KINDS), path, input_example=ROWS.head(1))


@pytest.mark.parametrize("name", ["columns", "gaps", "tensor"])
def test_nothing_is_found_by_requests_made_from_the_description(schemathesis: Path, tmp_path: Path, name: str) -> None:
    saved(tmp_path / "model", name)
    with served(Path(sys.executable), "mlpack", tmp_path / "model", tmp_path / "log") as server:
        address = f"http://127.0.0.1:{server.port}/openapi.json"
        command = [str(schemathesis), "run", address, "--max-examples", "100", "--seed", "7", "--continue-on-failure"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout
