"""The models that every flavor is tested with: those of ``--flavor NAME``, else of all whose frameworks are small."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import mlpack
from mlpack import plugins
from mlpack.client import Client
from tests.flavors.cases import Case, cases_of
from tests.flavors.groups import GROUPS

LIGHT = ("python_function", "sklearn", *GROUPS["light"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test that takes ``case`` is run with every case of each flavor."""
    if "case" in metafunc.fixturenames:
        named = metafunc.config.getoption("flavor") or LIGHT
        found = [(flavor, name) for flavor in named for name in cases_of(flavor)]
        metafunc.parametrize(("flavor", "case_name"), found, scope="module")


@pytest.fixture(scope="module")
def case(flavor: str, case_name: str) -> Case:
    """The model, made anew for each module of tests."""
    return cases_of(flavor)[case_name]()


@pytest.fixture(scope="module")
def package(flavor: str, case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as mlpack packages it, with its example."""
    path = tmp_path_factory.mktemp(flavor) / "model"
    plugins.get(flavor).save_model(case.model, path, input_example=case.data, **case.options, **case.ours)
    return path


@pytest.fixture
def autologging(client: Client) -> Iterator[Client]:
    """Autologging of all frameworks, into a store of its own."""
    mlpack.autolog()
    yield client
    mlpack.autolog(disable=True)
