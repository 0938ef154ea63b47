"""``mlpack models update-pip-requirements``: what a package needs, edited in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlpack.yamlio import load_yaml

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_a_requirement_is_added_to_every_file_and_the_digests_follow(run: Run, package: Path) -> None:
    ran = run("models", "update-pip-requirements", "-m", package, "add", "humanize>=4", "flask==3.0.0")
    assert ran.code == 0
    assert {"humanize>=4", "flask==3.0.0"} <= set(ran.out.splitlines())
    assert "humanize>=4\n" in (package / "requirements.txt").read_text()
    assert "humanize>=4" in load_yaml(package / "conda.yaml")["dependencies"][-1]["pip"]
    assert "verified" in run("models", "inspect", "-m", package).out


def test_an_added_requirement_takes_the_place_of_its_older_self(run: Run, package: Path) -> None:
    lines = run("models", "update-pip-requirements", "-m", package, "add", "Scikit_Learn>=1.0").out.splitlines()
    assert [line for line in lines if line.lower().startswith("scikit")] == ["Scikit_Learn>=1.0"]


def test_a_requirement_is_removed_by_its_name(run: Run, package: Path) -> None:
    out = run("models", "update-pip-requirements", "-m", package, "remove", "scikit-learn==99").out
    assert "scikit-learn" not in out
    assert "scikit-learn" not in (package / "requirements.txt").read_text()


@pytest.mark.parametrize("line", ["--index-url http://evil", "numpy; import os", "git+https://x/y", "../wheel.whl"])
def test_a_line_that_could_do_harm_is_refused_and_changes_nothing(run: Run, package: Path, line: str) -> None:
    before = {path.name: path.read_bytes() for path in package.iterdir()}
    ran = run("models", "update-pip-requirements", "-m", package, "add", "--", line)
    assert ran.code == 1 and ran.err.startswith("ERROR ")
    assert {path.name: path.read_bytes() for path in package.iterdir()} == before


@pytest.mark.parametrize("words", [["add"], ["replace", "numpy"]])
def test_a_call_without_an_operation_or_a_requirement_is_wrong(run: Run, package: Path, words: list[str]) -> None:
    assert run("models", "update-pip-requirements", "-m", package, *words).code == 2


def test_a_package_that_was_tampered_with_is_not_blessed(run: Run, package: Path) -> None:
    (package / "model.pkl").write_bytes(b"other")
    assert run("models", "update-pip-requirements", "-m", package, "add", "numpy").code == 1


def test_the_edited_package_loads_without_a_word(run: Run, package: Path) -> None:
    run("models", "update-pip-requirements", "-m", package, "add", "packaging")
    ran = run("models", "validate", "-m", package)
    assert (ran.code, ran.err) == (0, "")
