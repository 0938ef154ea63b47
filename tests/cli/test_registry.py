"""``mlpack registry``: registered models, listed and changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mlpack
from tests.core.stores.test_sql import restored

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def versions(name: str) -> dict[str, str]:
    """The versions of a model -> their stages."""
    found = mlpack.Client().search_model_versions(f"name = '{name}'")
    return {version.version: version.current_stage for version in found}


def test_the_number_of_a_new_version_is_printed(run: Run, registered: str, saved: Path) -> None:
    first, second = (
        run("registry", "register", f"runs:/{registered}/model", "new"),
        run("registry", "register", saved, "new"),
    )
    assert (first.code, first.out, second.out) == (0, "1\n", "2\n")
    assert second.err == f"models:/new/2 is {saved.as_uri()}\n"
    assert mlpack.Client().get_model_version("new", 1).run_id == registered


def test_models_are_listed_with_their_aliases_and_stages(run: Run, registered: str) -> None:
    mlpack.Client().set_registered_model_alias("iris", "champion", 1)
    mlpack.Client().transition_model_version_stage("iris", 1, "Staging")
    mlpack.Client().create_registered_model("empty", description="nothing yet")
    head, empty, iris = run("registry", "list").out.splitlines()
    assert head.split() == ["NAME", "LATEST", "ALIASES", "STAGES", "CHANGED", "DESCRIPTION"]
    assert iris.split()[:4] == ["iris", "1", "champion=1", "Staging=1"] and "nothing yet" in empty
    found = json.loads(run("registry", "list", "--filter", "name LIKE 'ir%'", "--json").out)
    assert [(model["name"], model["aliases"]) for model in found] == [("iris", {"champion": "1"})]


def test_all_models_are_listed_however_many(run: Run, store: Path) -> None:
    for number in range(101):
        mlpack.Client().create_registered_model(f"m{number}")
    assert len(json.loads(run("registry", "list", "--json").out)) == 101


def test_no_models_are_said_with_the_registry(run: Run, store: Path) -> None:
    assert run("registry", "list").err == f"no such models in {store}\n"


@pytest.mark.parametrize("name", ["iris", "it's"])
def test_a_model_is_shown_with_all_its_versions(run: Run, store: Path, saved: Path, name: str) -> None:
    for _ in range(10):
        mlpack.register_model(saved, name, tags={"kind": "tree"})
    mlpack.register_model(saved, "another")
    mlpack.Client().set_registered_model_tag(name, "team", "flowers")
    mlpack.Client().set_registered_model_alias(name, "champion", 9)
    out = run("registry", "show", name).out
    rows = [line.split() for line in out.splitlines() if saved.as_uri() in line]
    assert [row[0] for row in rows] == [str(number) for number in range(10, 0, -1)]
    assert rows[1][:4] == ["9", "champion", "None", "READY"] and rows[1][-1] == "kind=tree"
    assert ["tags", "team=flowers"] in [line.split() for line in out.splitlines()]
    found = json.loads(run("registry", "show", name, "--json").out)
    assert found["aliases"] == {"champion": "9"} and len(found["versions"]) == 10


def test_an_alias_is_set_moved_and_removed(run: Run, registered: str, saved: Path) -> None:
    run("registry", "register", saved, "iris")
    for version in (1, 2):
        assert run("registry", "alias", "iris", "champion", version).code == 0
        assert mlpack.Client().get_model_version_by_alias("iris", "champion").version == str(version)
    assert run("registry", "alias", "iris", "champion", "--delete").err == "models:/iris@champion is gone\n"
    ran = run("registry", "alias", "iris", "champion", "--delete")
    assert (ran.code, ran.err) == (1, "ERROR there is no alias 'iris@champion'\n")


def test_versions_move_between_stages(run: Run, registered: str, saved: Path) -> None:
    run("registry", "register", saved, "iris")
    run("registry", "stage", "iris", 1, "production")
    assert run("registry", "stage", "iris", 2, "Production").err == "models:/iris/2 is in Production\n"
    assert versions("iris") == {"1": "Production", "2": "Production"}
    run("registry", "stage", "iris", 2, "Production", "--archive-existing")
    assert versions("iris") == {"1": "Archived", "2": "Production"}


def test_a_version_or_a_model_is_deleted_and_its_package_stays(run: Run, registered: str, saved: Path) -> None:
    run("registry", "register", saved, "iris")
    assert run("registry", "delete", "iris", "--version", 1, "--yes").err == "deleted version 1 of iris\n"
    assert versions("iris") == {"2": "None"}
    assert run("registry", "delete", "iris", "--yes").code == 0
    assert versions("iris") == {} and (saved / "MLmodel").is_file()


def test_nothing_is_deleted_where_nobody_can_be_asked(run_process: Run, registered: str) -> None:
    ran = run_process("registry", "delete", "iris")
    assert ran.code == 2 and "nobody is there" in ran.err and ran.err.endswith("TIP say it with --yes\n")
    assert versions("iris") == {"1": "None"}


@pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
@pytest.mark.parametrize(("answer", "code", "left"), [(b"n\n", 1, {"1": "None"}), (b"y\n", 0, {})])
def test_on_a_terminal_it_asks(registered: str, answer: bytes, code: int, left: dict[str, str]) -> None:
    import pty

    ours, theirs = pty.openpty()
    os.write(ours, answer)
    command = [sys.executable, "-m", "mlpack", "registry", "delete", "iris"]
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=False)
    os.close(theirs)
    os.close(ours)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("Delete iris with all its versions? [y/N]: ")
    assert versions("iris") == left


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["show", "absent"], 1, "there is no registered model 'absent'"),
        (["register", "absent", "iris"], 1, "absent"),
        (["register", ".", "a/b"], 1, "MLmodel"),
        (["alias", "iris", "champion", "7"], 1, "there is no model version 'iris/7'"),
        (["alias", "iris", "latest", "1"], 2, "reserved"),
        (["alias", "iris", "champion"], 2, "give a VERSION to point at, or --delete"),
        (["alias", "iris", "champion", "1", "--delete"], 2, "give a VERSION to point at, or --delete"),
        (["stage", "iris", "1", "Nowhere"], 2, "Nowhere"),
        (["stage", "iris", "one", "Staging"], 2, "one"),
        (["stage", "iris", "1", "Archived", "--archive-existing"], 2, "Staging and Production"),
        (["delete", "absent", "--yes"], 1, "there is no registered model 'absent'"),
        (["delete", "iris", "--version", "7", "--yes"], 1, "there is no model version 'iris/7'"),
        (["list", "--filter", "nonsense"], 2, "nonsense"),
    ],
)
def test_what_is_not_there_or_cannot_be_is_an_error(
    run: Run, registered: str, words: list[str], code: int, error: str
) -> None:
    ran = run("registry", *words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("ERROR ") and error in ran.err
    assert versions("iris") == {"1": "None"}


def test_a_database_is_listed_and_says_how_it_can_be_changed(
    run: Run, store: Path, saved: Path, tmp_path: Path
) -> None:
    words = ("--tracking-uri", f"sqlite:///{restored('mlflow-3.17.2', tmp_path)}")
    name = run("registry", "list", *words).out.splitlines()[1].split()[0]
    assert run("registry", "show", name, *words).code == 0
    for change in (("register", saved, name), ("alias", name, "new", 1), ("delete", name, "--yes")):
        ran = run("registry", *change, *words)
        assert (ran.code, ran.out) == (1, "") and "mlflow server" in ran.err


def test_the_registry_may_be_another_store_than_that_of_the_runs(
    run: Run, registered: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    assert "iris" not in run("registry", "list", "--tracking-uri", elsewhere).out
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", str(tmp_path / "mlruns"))
    assert "iris" in run("registry", "list", "--tracking-uri", elsewhere).out
