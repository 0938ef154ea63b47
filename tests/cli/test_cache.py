"""``mlpack cache``: what was fetched, as a table and as JSON, and gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlpack.stores.cache import Cache

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("MLPACK_CACHE_ROOT", str(tmp_path))
    return tmp_path


def keep(root: Path) -> Path:
    def fetch(part: Path) -> None:
        (part / "whole").mkdir()
        (part / "whole" / "MLmodel").write_bytes(b"x" * 1500)

    return Cache(root).get(("x",), "models:/iris/3", fetch)


def test_an_empty_cache_is_said_on_stderr(run: Run) -> None:
    ran = run("cache", "ls")
    assert (ran.code, ran.out, ran.err) == (0, "", "nothing is kept\n")


def test_people_get_a_table_and_programs_json(run: Run, root: Path) -> None:
    folder = keep(root)
    assert run("cache", "ls").out.splitlines()[1].split()[:3] == ["models:/iris/3", "1.5", "kB"]
    (entry,) = json.loads(run("cache", "ls", "--json").out)
    assert (entry["path"], entry["size_bytes"], entry["complete"]) == (str(folder), 1500, True)


def test_what_another_process_uses_stays(run_process: Run, root: Path) -> None:
    folder = keep(root)
    assert "1 in use" in run_process("cache", "clear").err
    assert folder.is_dir()


def test_what_nobody_uses_goes(run: Run, root: Path) -> None:
    part = root / ".0.part"
    part.mkdir()
    (part / "about.json").write_text('{"uri": "x"}')
    (root / "0.lock").touch()
    assert run("cache", "clear").err == "removed 1, 12 bytes\n"
    assert list(root.iterdir()) == []
