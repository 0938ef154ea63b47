"""Errors travel between processes."""

from __future__ import annotations

import copy

import pytest

from mlpack.errors import (
    DigestMismatch,
    LimitExceeded,
    MissingFramework,
    MlpackError,
    NotInStore,
    PackageNotFound,
    SchemaMismatch,
    UnsupportedMediaType,
    UnwritableAnswer,
)

ERRORS = [
    MlpackError("a", tip="b"),
    SchemaMismatch("a", expected="long", got="text", row=3),
    LimitExceeded("a", limit=1, got=2, option="--max-a"),
    UnsupportedMediaType("a", supported=["b"]),
    PackageNotFound("a"),
    NotInStore("run", "a"),
    DigestMismatch(["a"], ["b"]),
    MissingFramework("a", needed_for="b"),
    UnwritableAnswer("a"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_can_be_copied_and_so_pickled(error: MlpackError) -> None:
    other = copy.copy(error)
    assert other is not error and type(other) is type(error)
    assert (str(other), vars(other)) == (str(error), vars(error))
