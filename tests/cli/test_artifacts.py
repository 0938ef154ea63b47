"""``mlpack artifacts download``: files and folders of every kind of URI."""

from __future__ import annotations

import filecmp
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mlpack
from tests.core.stores.web_server import serving as web_serving

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


def same(one: Path, other: Path) -> bool:
    names = [path.relative_to(one) for path in one.rglob("*") if path.is_file()]
    return filecmp.cmpfiles(one, other, [str(name) for name in names], shallow=False)[1:] == ([], [])


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("runs:/{run}/model", "model"),
        ("runs:/{run}/model/MLmodel", "MLmodel"),
        ("runs:/{run}/plots", "plots"),
        ("runs:/{run}/plots/loss.txt", "loss.txt"),
        ("runs:/{run}", "{run}"),
        ("models:/iris/1", "iris"),
        ("models:/iris@champion", "iris"),
        ("models:/iris/latest/MLmodel", "MLmodel"),
        ("{saved}", "model"),
        ("file://{saved}/MLmodel", "MLmodel"),
        ("{web}", "127.0.0.1"),
        ("{web}/MLmodel", "MLmodel"),
    ],
)
def test_it_appears_under_its_own_name_and_the_path_is_printed(
    run: Run, registered: str, saved: Path, target: Path, uri: str, name: str
) -> None:
    client = mlpack.Client()
    client.set_registered_model_alias("iris", "champion", 1)
    client.log_text(registered, "x", "plots/loss.txt")
    with web_serving(saved) as web:
        facts = {"run": registered, "saved": saved, "web": web.uri}
        ran = run("artifacts", "download", uri.format(**facts), "-d", target)
    path = target / name.format(**facts)
    assert (ran.code, ran.out, ran.err) == (0, f"{path}\n", "")
    assert list(target.iterdir()) == [path]
    if uri in ("{web}", "{saved}"):
        assert same(saved, path)


def test_without_a_folder_it_is_the_current_one(
    run: Run, registered: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("artifacts", "download", "models:/iris/1").out == f"{tmp_path / 'iris'}\n"
    assert run("models", "validate", "-m", "iris").code == 0


def test_nothing_is_overwritten(run: Run, registered: str, target: Path) -> None:
    (target / "iris").mkdir(parents=True)
    ran = run("artifacts", "download", "models:/iris/1", "-d", target)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"ERROR {target / 'iris'} exists already\nTIP remove it, or name another folder\n"


@pytest.mark.parametrize(
    ("uri", "code"),
    [("runs:/{run}/absent", 1), ("models:/absent/1", 1), ("{run}", 1), ("runs:/x/y", 2), ("gopher://x", 2)],
)
def test_what_is_not_there_is_an_error_that_leaves_nothing(
    run: Run, registered: str, target: Path, uri: str, code: int
) -> None:
    ran = run("artifacts", "download", uri.format(run=registered), "-d", target)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("ERROR ") and not target.exists()


@pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
def test_progress_is_shown_on_a_terminal(saved: Path, target: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mlpack", "artifacts", "download", str(saved), "-d", str(target)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, check=True, text=True)
    shown = os.read(ours, 10_000)
    os.close(theirs)
    os.close(ours)
    assert done.stdout == f"{target / 'model'}\n" and b"fetching" in shown and b"100%" in shown
