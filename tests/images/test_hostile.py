"""What would be an instruction, an option or a command where it goes is refused, and nothing is written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.images.conftest import Run

HOSTILE = ("a\nRUN id", "$(id)", "`id`", 'a"b', "a'b", "a;id", "--push", "a b")


@pytest.fixture
def model(iris: Callable[..., Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(iris(), tmp_path / "model"))


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused here is refused before an engine is asked."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("option", ["--name", "--base-image", "--platform"])
def test_options(option: str, value: str, model: Path, tmp_path: Path, run: Run) -> None:
    words = {"--name": "iris:1", "--base-image": "python:3.11-slim", "--platform": "linux/amd64", option: value}
    given = [word for name, text in words.items() for word in (f"{name}={text}",)]
    code, out, err = run("models", "build-docker", "-m", model, "--wheelhouse", tmp_path / "wheels", *given)
    assert (code, out) == (2, "")
    assert "is not a valid" in err
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize(
    "line", ["--index-url http://evil.example/", "six\n--pre", "six; $(id)", "`id`", "six @ http://x/"]
)
def test_requirements(line: str, model: Path, tmp_path: Path, run: Run) -> None:
    (model / "requirements.txt").write_text(f"{line}\n")
    code, out, err = run("models", "generate-dockerfile", "-m", model, "-d", tmp_path / "image")
    assert (code, out) == (1, "")
    assert "is refused as a requirement" in err
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("value", ["x\nRUN id", 'a" b="c', "$HOME", "`id`", "a\\"])
@pytest.mark.parametrize("key", ["run_id", "model_uuid", "model_id"])
def test_metadata(key: str, value: str, model: Path, tmp_path: Path, run: Run) -> None:
    _change(model, key, value)
    code, out, err = run("models", "generate-dockerfile", "-m", model, "-d", tmp_path / "image")
    assert (code, out) == (2, "")
    assert "is not a valid label" in err
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_time_of_creation_that_is_none(model: Path, tmp_path: Path, run: Run) -> None:
    _change(model, "utc_time_created", "$(date)")
    code, out, err = run("models", "generate-dockerfile", "-m", model, "-d", tmp_path / "image")
    assert (code, out) == (1, "")
    assert "utc_time_created" in err


def _change(model: Path, key: str, value: str) -> None:
    manifest = yaml.safe_load((model / "MLmodel").read_text())
    (model / "MLmodel").write_text(yaml.safe_dump({**manifest, key: value}))
