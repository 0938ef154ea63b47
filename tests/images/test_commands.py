"""The commands, as far as they go without an engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.images.conftest import Run


def test_no_engine_is_told_before_anything_is_resolved(
    iris: Callable[..., Path], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    code, out, err = run("models", "build-docker", "-m", iris(), "-n", "iris:1")
    assert (code, out) == (1, "")
    assert err.startswith("ERROR no Docker engine can be reached")
    assert "TIP start Docker, or set DOCKER_HOST" in err
    assert "resolving" not in err


def test_a_version_that_the_server_cannot_run_with_is_told_with_both_lines(
    iris: Callable[..., Path], run: Run, tmp_path: Path
) -> None:
    model = iris()
    (model / "requirements.txt").write_text("starlette==0.20\n")
    code, _, err = run("models", "generate-dockerfile", "-m", model, "-d", tmp_path / "image")
    assert code == 1
    assert "the package pins starlette==0.20" in err
    assert "needs starlette<2,>=0.40" in err
    assert not (tmp_path / "image").exists()


def test_an_offline_build_names_what_is_not_in_the_wheelhouse(
    iris: Callable[..., Path], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "wheels").mkdir()
    words = ("--wheelhouse", tmp_path / "wheels", "--offline")
    code, _, err = run("models", "generate-dockerfile", "-m", iris(), "-d", tmp_path / "image", *words)
    assert code == 1
    assert "does not have all that the model and the server need" in err
    assert "scikit-learn" in err or "cloudpickle" in err
    assert "TIP leave --offline out once" in err
    assert not (tmp_path / "image").exists()


def test_a_folder_with_something_in_it_is_left_alone(iris: Callable[..., Path], run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    code, _, err = run("models", "generate-dockerfile", "-m", iris(), "-d", tmp_path)
    assert code == 2
    assert "is not an empty folder" in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_mlflows_option_for_another_server_is_explained(run: Run) -> None:
    code, _, err = run("models", "build-docker", "-m", "x", "-n", "x", "--enable-mlserver")
    assert code == 2
    assert "has no meaning here" in err
