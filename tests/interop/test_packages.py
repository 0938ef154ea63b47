"""Packages that one library saved, as the other reads them: what they say, what they load as, what they predict."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

import mlpack.models
import mlpack.sklearn
from tests.interop.catalogue.cases import CASES
from tests.interop.catalogue.sitting import native
from tests.interop.conftest import Packages, Report
from tests.interop.differences import ACCEPTED
from tests.interop.environments import MLFLOWS
from tests.interop.likeness import alike, view_of
from tests.interop.ours import predictions_of_mlpack, quiet
from tests.interop.pairs import readings

Told = Callable[[str, str], Report]
Saved = Callable[[str], Packages]
REFUSED = {"refused": ""}


def test_mlpack_reads_them_without_mlflow() -> None:
    assert find_spec("mlflow") is None


@pytest.mark.parametrize("saver", [*MLFLOWS, "mlpack"])
def test_every_case_can_be_saved(saver: str, saved: Saved) -> None:
    assert saved(saver).failures == {}


@pytest.mark.parametrize(("release", "saver", "name"), readings())
def test_predictions_are_equal(release: str, saver: str, name: str, told: Told, saved: Saved) -> None:
    theirs = told(release, saver)[name].get("predictions", [])
    ours = predictions_of_mlpack(CASES[name], saved(saver).folder / name) if theirs else []
    view = view_of(release)
    for at, (wanted, got) in enumerate(zip(theirs, ours, strict=True)):
        if (name, at) in ACCEPTED:
            assert wanted == REFUSED != got
        else:
            assert alike(view(wanted), view(got)), (at, wanted, got)


@pytest.mark.parametrize(("release", "saver", "name"), [one for one in readings() if CASES[one[2]].native])
def test_native_models_are_equal(release: str, saver: str, name: str, told: Told, saved: Saved) -> None:
    with quiet():
        ours = native(mlpack.sklearn.load_model, CASES[name], saved(saver).folder / name)
    assert alike(told(release, saver)[name]["native"], ours)


@pytest.mark.parametrize(("release", "saver", "name"), readings())
def test_packages_say_the_same_of_themselves(release: str, saver: str, name: str, told: Told, saved: Saved) -> None:
    theirs = told(release, saver)[name]["info"]
    info = mlpack.models.get_model_info(saved(saver).folder / name)
    assert sorted(info.flavors) == theirs["flavors"]
    assert info.metadata == theirs["metadata"]
    assert plain(info.signature.to_dict() if info.signature else None) == plain(theirs["signature"])


def plain(signature: dict[str, Any] | None) -> Any:
    """The parts of a signature, their JSON read."""
    return signature and {part: text and json.loads(text) for part, text in signature.items()}
