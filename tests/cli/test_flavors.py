"""``mlpack flavors list``: built-in and third-party flavors, and which can be used here."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlpack import plugins
from tests.core.third_party import install

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_all_flavors_are_listed_with_what_is_installed(run: Run) -> None:
    lines = run("flavors", "list").out.splitlines()
    assert lines[0].split() == ["FLAVOR", "FROM", "FRAMEWORK", "INSTALLED", "USABLE"]
    assert [line.split()[0] for line in lines[1:]] == list(plugins.BUILT_IN)
    assert ["sklearn", "built", "in", "scikit-learn", version("scikit-learn"), "yes"] in map(str.split, lines)


def test_what_is_not_installed_comes_with_the_command_that_installs_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(plugins.get("xgboost")), "modules", ("no_such_module",))
    rows = {row["flavor"]: row for row in json.loads(run("flavors", "list", "--json").out)}
    assert (rows["xgboost"]["usable"], rows["sklearn"]["usable"]) == (False, True)
    assert rows["xgboost"]["install"] == "pip install 'mlpack-models[xgboost]'"


def test_those_of_others_are_listed_too_also_when_they_are_broken(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in install(tmp_path, monkeypatch, "acme = mlpack_acme:flavor\nbroken = mlpack_acme:missing"):
        rows = {row["flavor"]: row for row in json.loads(run("flavors", "list", "--json").out)}
        assert (rows["acme"]["provided_by"], rows["acme"]["version"]) == ("mlpack-acme 2.1", "2.1")
        assert rows["acme"]["usable"]
        assert not rows["broken"]["usable"]
        assert "missing" in run("flavors", "list").out.splitlines()[-1]
