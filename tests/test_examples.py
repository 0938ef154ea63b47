"""The examples, run as a reader would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlpack


def run(script: Path, *arguments: str | Path, cwd: Path | None = None) -> str:
    command = [sys.executable, "-W", "error", script, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, cwd=cwd).stdout


def test_the_quickstart_trains_packages_serves_asks_and_stops(root: Path) -> None:
    output = run(root / "examples" / "quickstart" / "demo.py")
    assert '{"predictions":["setosa","versicolor","virginica"]}' in output
    assert "stopped with exit code 0" in output


def test_patients_of_scikit_learn_are_enough_to_train_and_to_ask(root: Path, tmp_path: Path) -> None:
    folder = root / "examples" / "heart_disease"
    assert "version 1 (log loss " in run(folder / "train.py", cwd=tmp_path)
    asked = run(folder / "ask.py", cwd=tmp_path)
    assert (asked.count('{"predictions":[['), "null" in asked) == (2, True)
    assert "stopped with exit code 0" in asked


def test_the_alias_goes_to_the_better_version_which_tells_real_patients_the_same_everywhere(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = root.parent / "shared" / "data" / "heart_disease_uci.csv"
    if not data.is_file():
        pytest.skip(f"there is no {data}")
    folder = root / "examples" / "heart_disease"
    run(folder / "train.py", data, "--strength", "0.001", cwd=tmp_path)
    assert "is the champion; before it was 1" in run(folder / "train.py", data, cwd=tmp_path)
    asked = run(folder / "ask.py", cwd=tmp_path)
    monkeypatch.chdir(tmp_path)
    package = mlpack.pyfunc.load_model("models:/heart-disease@champion")
    answers = [json.loads(line)["predictions"][0] for line in asked.splitlines() if line.startswith("{")]
    assert answers == package.predict(package.input_example).tolist()
    patients = pd.read_csv(data)
    assert np.array_equal(package.predict(patients), package.get_raw_model().predict_proba(patients))
    assert ((package.predict(patients)[:, 1] > 0.5) == (patients["num"] > 0)).mean() > 0.8


def test_a_flavor_of_somebody_else_is_built_and_passes_its_own_test(root: Path, tmp_path: Path) -> None:
    folder = root / "examples" / "third_party_flavor"
    code = (folder / "mlpack_polynomial.py", folder / "pyproject.toml")
    assert sum(len(path.read_text().splitlines()) for path in code) < 60
    build: list[Any] = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path, folder]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-W", "error", "--rootdir", tmp_path]
    test: list[Any] = [*pytest_here, folder / "test_polynomial.py"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    ran = subprocess.run(test, env=environment, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
