"""What tests of logging and of clients share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sklearn.dummy import DummyClassifier

import mlpack
from mlpack.client import Client

_VARIABLES = ("TRACKING_URI", "REGISTRY_URI", "RUN_ID", "EXPERIMENT_ID", "EXPERIMENT_NAME", "TRACKING_USERNAME")


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client of the embedded store, in a folder of its own and with nothing configured."""
    monkeypatch.chdir(tmp_path)
    for name in _VARIABLES:
        monkeypatch.delenv(f"MLFLOW_{name}", raising=False)
        monkeypatch.delenv(f"MLPACK_{name}", raising=False)
    yield Client()
    while mlpack.active_run():
        mlpack.end_run()
    mlpack.set_tracking_uri(None)
    mlpack.set_registry_uri(None)


@pytest.fixture
def model() -> DummyClassifier:
    """A model that is quick to fit, to save and to load."""
    return DummyClassifier(strategy="most_frequent").fit([[1.0], [2.0], [3.0]], [0, 1, 1])
