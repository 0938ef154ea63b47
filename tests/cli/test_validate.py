"""``mlpack models validate``: a package tried on its own example."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mlpack.pyfunc

if TYPE_CHECKING:
    from tests.cli.conftest import Run


CHATTY = """
import os, sys
from mlpack.models import set_model

def predict(model_input):
    sys.stdout.write("thinking about it\\n")
    os.write(1, b"below Python too\\n")
    if len(model_input) > 2:
        raise ValueError("too many rows")
    return [1.5] * len(model_input)

set_model(predict)
"""


def chatty(folder: Path, example: list[float] | None) -> Path:
    """A package of a model that prints while it predicts, and that takes two rows at most."""
    code, path = folder / "chatty.py", folder / "chatty"
    code.write_text(CHATTY)
    mlpack.pyfunc.save_model(path, python_model=code, input_example=example, pip_requirements=[])
    return path


def test_each_step_is_reported_with_its_time(run: Run, saved: Path) -> None:
    ran = run("models", "validate", "-m", saved)
    rows = [line.split() for line in ran.out.splitlines()]
    assert (ran.code, ran.err) == (0, "")
    assert [row[:2] for row in rows[1:]] == [
        [name, "ok"] for name in ("package", "load", "example", "predict", "answer")
    ]
    assert all(row[3] == "ms" for row in rows[1:])


def test_programs_get_json_even_where_the_model_prints(run_process: Run, tmp_path: Path) -> None:
    ran = run_process("models", "validate", "-m", chatty(tmp_path, [1.0, 2.0]), "--json")
    report = json.loads(ran.out)
    assert ran.code == 0 and report["ok"]
    assert "thinking about it" in ran.err and "below Python too" in ran.err


def test_a_model_that_fails_on_its_example_fails_the_validation(run: Run, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="cannot be predicted"):
        package = chatty(tmp_path, [1.0, 2.0, 3.0])
    ran = run("models", "validate", "-m", package, "--json")
    report = json.loads(ran.out)
    assert ran.code == 1 and not report["ok"]
    assert [step["result"] for step in report["steps"]] == ["ok", "ok", "ok", "failed", "skipped"]
    assert "too many rows" in report["steps"][3]["detail"] and "Traceback" not in ran.err
    assert 'raise ValueError("too many rows")' in run("--verbose", "models", "validate", "-m", package).err


def test_a_package_that_is_not_what_was_saved_fails_at_once(run: Run, package: Path) -> None:
    (package / "model.pkl").write_bytes(b"other")
    ran = run("models", "validate", "-m", package)
    assert ran.code == 1
    assert "model.pkl" in ran.out and "TIP fetch the package again" in ran.err


def test_a_package_without_an_example_is_loaded_only(run: Run, tmp_path: Path) -> None:
    ran = run("models", "validate", "-m", chatty(tmp_path, None))
    assert ran.code == 0
    assert "example  skipped" in ran.out and ran.out.splitlines()[3].endswith("the package was saved without one")
