"""Packages of each flavor go both ways between mlpack and real MLflow, which is a process of its own."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import mlpack.pyfunc
from mlpack import plugins
from mlpack.models import get_model_info
from tests.flavors.answers import assert_equal
from tests.flavors.cases import Case, cases_of

Exchange = Callable[[str], tuple[Path, dict[tuple[str, str], Any]]]


@pytest.fixture(scope="session")
def exchanged(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """For a flavor the packages of both, ``ours/CASE`` and ``theirs/CASE``, and what MLflow predicts with them."""

    @cache
    def get(flavor: str) -> tuple[Path, dict[tuple[str, str], Any]]:
        folder = tmp_path_factory.mktemp(flavor)
        for name, make in cases_of(flavor).items():
            case = make()
            options = {**case.options, **case.ours}
            plugins.get(flavor).save_model(case.model, folder / "ours" / name, input_example=case.data, **options)
        subprocess.run([sys.executable, "-m", "tests.flavors.apart.mlflow_side", flavor, folder], check=True)
        return folder, pickle.loads((folder / "answers.pkl").read_bytes())

    return get


def test_mlflow_reads_ours(flavor: str, case_name: str, case: Case, exchanged: Exchange) -> None:
    folder, answers = exchanged(flavor)
    ours = mlpack.pyfunc.load_model(folder / "ours" / case_name).predict(case.data)
    assert_equal(answers["ours", case_name], ours)


def test_we_read_what_mlflow_wrote(flavor: str, case_name: str, case: Case, exchanged: Exchange) -> None:
    skip_unless_mlflow_has(flavor)
    folder, answers = exchanged(flavor)
    package = folder / "theirs" / case_name
    assert_equal(mlpack.pyfunc.load_model(package).predict(case.data), answers["theirs", case_name])
    native = plugins.get(flavor).load_model(package)
    assert_equal(case.predict(native, case.data), case.predict(case.model, case.data))


def test_both_say_the_same_of_the_model(flavor: str, case_name: str, case: Case, exchanged: Exchange) -> None:
    skip_unless_mlflow_has(flavor)
    folder, _ = exchanged(flavor)
    ours, theirs = (get_model_info(folder / saver / case_name) for saver in ("ours", "theirs"))
    assert theirs.signature in (ours.signature, None)  # some flavors of MLflow infer none
    mine, other = ours.flavors[flavor], theirs.flavors[flavor]
    assert {key: mine[key] for key in mine.keys() & other} == {key: other[key] for key in mine.keys() & other}
    assert ours.flavors["python_function"]["loader_module"] == theirs.flavors["python_function"]["loader_module"]


def skip_unless_mlflow_has(flavor: str) -> None:
    if not plugins.get(flavor).loader_module.startswith("mlflow."):
        pytest.skip("MLflow has no such flavor")
