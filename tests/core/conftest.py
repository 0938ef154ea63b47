"""What tests of logging and of clients share."""

from __future__ import annotations

import pytest
from sklearn.dummy import DummyClassifier


@pytest.fixture
def model() -> DummyClassifier:
    """A model that is quick to fit, to save and to load."""
    return DummyClassifier(strategy="most_frequent").fit([[1.0], [2.0], [3.0]], [0, 1, 1])
