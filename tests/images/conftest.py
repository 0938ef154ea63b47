"""A package to make images of, and the command line in this process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import mlpack.sklearn
from mlpack.cli import main
from mlpack.cli.errors import DEBUG

Ran = tuple[int, str, str]
Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Packages of a model of the iris data; other options give another version."""
    data, target = load_iris(return_X_y=True, as_frame=True)

    def save(**options: float) -> Path:
        path = tmp_path_factory.mktemp("iris") / "model"
        model = LogisticRegression(**{"max_iter": 500, **options}).fit(data, target)
        mlpack.sklearn.save_model(model, path, input_example=data.head(2))
        return path

    return save


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as typed: its exit code, and what it wrote to stdout and stderr."""
    monkeypatch.setenv(DEBUG, "0")
    monkeypatch.setenv("MLPACK_TRACKING_URI", os.environ.get("MLPACK_TRACKING_URI", ""))

    def call(*words: object) -> Ran:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return code, *capfd.readouterr()

    return call
