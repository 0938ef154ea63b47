"""``-m runs:/...`` and ``-m models:/...@...``: from the store of the current folder, and from one that is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

import mlpack

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Serving

BODY = {"dataframe_split": {"columns": ["length", "width"], "data": [[1, 2], [8, 7]]}}


@pytest.fixture(params=["runs:/{run}/model", "models:/iris@champion"])
def uri(request: pytest.FixtureRequest, registered: str) -> str:
    mlpack.Client().set_registered_model_alias("iris", "champion", 1)
    return str(request.param).format(run=registered)


@pytest.fixture(params=["in the current folder", "named"])
def words(request: pytest.FixtureRequest, uri: str, store: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What names the package to a command, whose environment names no store."""
    monkeypatch.delenv("MLPACK_TRACKING_URI")
    monkeypatch.chdir(store.parent if request.param != "named" else "/")
    return ["-m", uri] if request.param != "named" else ["-m", uri, "--tracking-uri", str(store)]


def test_a_package_is_inspected(run: Run, words: list[str]) -> None:
    ran = run("models", "inspect", *words, "--json")
    assert ran.code == 0 and "sklearn" in json.loads(ran.out)["flavors"]


def test_a_package_is_validated(run: Run, words: list[str]) -> None:
    ran = run("models", "validate", *words, "--json")
    assert ran.code == 0 and json.loads(ran.out)["ok"]


def test_a_package_predicts(run_process: Run, words: list[str]) -> None:
    ran = run_process("models", "predict", *words, stdin=json.dumps(BODY))
    assert (ran.code, ran.out) == (0, '{"predictions":[0,1]}\n')


def test_the_requirements_of_a_package_are_edited(run: Run, words: list[str]) -> None:
    assert "humanize" in run("models", "update-pip-requirements", *words, "add", "humanize").out
    assert "humanize" in run("models", "inspect", *words).out


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_package_is_served(serving: Serving, words: list[str], workers: str) -> None:
    _, package, *more = words
    with serving(package, *more, "-w", workers) as (_, url):
        request = Request(f"{url}/invocations", json.dumps(BODY).encode(), {"Content-Type": "application/json"})
        with urlopen(request) as answer:
            assert json.load(answer) == {"predictions": [0, 1]}
            registered = ("iris", "1") if package.startswith("models:") else ("model", None)
            assert (answer.headers["x-mlpack-model"], answer.headers["x-mlpack-version"]) == registered


def test_a_name_that_no_store_knows_is_an_error(run: Run, store: Path) -> None:
    ran = run("models", "serve", "-m", "models:/iris@champion", "--tracking-uri", store)
    assert (ran.code, ran.err) == (1, "ERROR there is no registered model 'iris'\n")
