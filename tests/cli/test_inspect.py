"""``mlpack models inspect``: what a package is, from reading alone."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlpack.cli.inspect import type_text
from mlpack.yamlio import dump_yaml, load_yaml

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_people_get_a_table(run: Run, saved: Path) -> None:
    ran = run("models", "inspect", "-m", saved)
    assert (ran.code, ran.err) == (0, "")
    lines = [line.split() for line in ran.out.splitlines()]
    for line in (
        ["loader", "mlflow.sklearn"],
        ["digests", "verified"],
        ["length", "double", "yes"],
        ["-", "long"],
    ):
        assert line in lines
    assert "REQUIREMENTS" in ran.out and "scikit-learn==" in ran.out


def test_programs_get_json(run: Run, saved: Path) -> None:
    found = json.loads(run("models", "inspect", "-m", saved, "--json").out)
    assert found["flavors"]["sklearn"]["serialization_format"] == "cloudpickle"
    assert [column["name"] for column in found["signature"]["inputs"]] == ["length", "width"]
    assert found["size_bytes"] == sum(path.stat().st_size for path in saved.iterdir())
    assert (found["digests"], found["problems"], found["metadata"]) == ("verified", [], {"team": "flowers"})


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("loader", ["mlflow.sklearn", "mlflow.pyfunc.model", "trap", "os"])
def test_nothing_of_a_package_runs(run: Run, tmp_path: Path, loader: str) -> None:
    hit, package = tmp_path / "hit", tmp_path / "package"
    (package / "code").mkdir(parents=True)
    (package / "code" / "trap.py").write_text(f"import os; os.mkdir({str(hit)!r})")
    (package / "model.pkl").write_bytes(pickle.dumps(Bomb(hit)))
    (package / "python_model.pkl").write_bytes(pickle.dumps(Bomb(hit)))
    pyfunc = {"loader_module": loader, "code": "code", "model_path": "model.pkl", "python_model": "python_model.pkl"}
    flavors = {"python_function": pyfunc, "sklearn": {"pickled_model": "model.pkl", "code": "code"}}
    (package / "MLmodel").write_text(dump_yaml({"flavors": flavors}))
    for words in ((), ("--json",)):
        assert run("models", "inspect", "-m", package, *words).code == 0
    assert not hit.exists()


def test_a_change_of_the_weights_is_a_problem(run: Run, package: Path) -> None:
    (package / "model.pkl").write_bytes(b"other")
    ran = run("models", "inspect", "-m", package)
    assert ran.code == 1
    assert "ERROR the package is not what was saved (changed: model.pkl)" in ran.err
    assert ["digests", "different"] in [line.split() for line in ran.out.splitlines()]


def test_an_edited_environment_is_worth_a_warning(run: Run, package: Path) -> None:
    (package / "requirements.txt").write_text("scikit-learn\n")
    ran = run("models", "inspect", "-m", package)
    assert ran.code == 0
    assert "WARNING it was edited after it was saved (changed: requirements.txt)" in ran.err


def test_a_package_without_digests_says_so(run: Run, package: Path) -> None:
    manifest = load_yaml(package / "MLmodel")
    del manifest["mlpack"]
    (package / "MLmodel").write_text(dump_yaml(manifest))
    ran = run("models", "inspect", "-m", package)
    assert ran.code == 0 and "WARNING it was saved without digests" in ran.err


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"signature": {"inputs": "[{]"}}, "signature"),
        ({"signature": "text"}, "signature"),
        ({"flavors": []}, "flavors"),
        ({"metadata": "text"}, "metadata"),
        ({"run_id": {"a": 1}}, "run_id"),
    ],
)
def test_a_broken_manifest_is_told_beside_what_could_be_read(
    run: Run, package: Path, change: dict[str, Any], problem: str
) -> None:
    (package / "MLmodel").write_text(dump_yaml(load_yaml(package / "MLmodel") | change))
    ran = run("models", "inspect", "-m", package, "--json")
    found = json.loads(ran.out)
    assert ran.code == 1 and found["files"] > 0
    assert [text for text in found["problems"] if problem in text]
    assert found["signature"] if problem != "signature" else found["flavors"]


def test_a_manifest_that_is_no_yaml_is_told_with_its_line(run: Run, package: Path) -> None:
    (package / "MLmodel").write_text("flavors: {}\n  bad: [")
    ran = run("models", "inspect", "-m", package)
    assert ran.code == 1 and "ERROR MLmodel, line 2" in ran.err


def test_requirements_that_could_do_harm_are_a_problem(run: Run, package: Path) -> None:
    (package / "requirements.txt").write_text("--index-url http://evil\nnumpy\n")
    ran = run("models", "inspect", "-m", package)
    assert ran.code == 1 and "requirements.txt, line 1" in ran.err and "numpy" in ran.out


def test_a_link_is_a_problem_and_digests_are_not_checked(run: Run, package: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret")
    (package / "linked").symlink_to(tmp_path / "outside")
    ran = run("models", "inspect", "-m", package, "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["digests"] == "not checked"


def test_what_yaml_has_and_json_has_not_is_written_as_text(run: Run, package: Path) -> None:
    odd = "\nmetadata: {2020-01-01: .inf, a: !!set {x}, b: !!binary aGk=, c: 2020-01-02}\n"
    text = (package / "MLmodel").read_text().replace("\nmetadata:\n  team: flowers\n", odd)
    (package / "MLmodel").write_text(text)
    found = json.loads(run("models", "inspect", "-m", package, "--json").out)
    assert found["metadata"] == {"2020-01-01": "inf", "a": ["x"], "b": "b'hi'", "c": "2020-01-02"}
    assert run("models", "inspect", "-m", package).code == 0


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"type": "double"}, "double"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "long"}}}, "array of array of long"),
        ({"type": "map", "values": {"type": "string"}}, "map of string"),
        (
            {"type": "object", "properties": {"a": {"type": "long"}, "b": {"type": "any", "required": False}}},
            "{a: long, b?: any}",
        ),
        ({"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 3]}}, "tensor float32 (-1, 3)"),
        ({"type": "long", "shape": [-1], "default": [1]}, "list of long"),
    ],
)
def test_types_are_said_in_words(spec: dict[str, Any], text: str) -> None:
    assert type_text(spec) == text
