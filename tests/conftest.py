"""What tests of every folder may ask for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlpack
from mlpack.client import Client

ROOT = Path(__file__).parents[1]
SOURCE_ROOTS = (ROOT / "mlpack", ROOT / "flavors" / "mlpack_flavors", ROOT / "serving" / "mlpack_serving")
_VARIABLES = ("TRACKING_URI", "REGISTRY_URI", "RUN_ID", "EXPERIMENT_ID", "EXPERIMENT_NAME", "TRACKING_USERNAME")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> dict[str, ast.Module]:
    """The syntax tree of every module that is installed, by the name it is imported under."""
    files = {path: top.parent for top in SOURCE_ROOTS for path in sorted(top.rglob("*.py"))}
    return {_module_name(path.relative_to(base)): ast.parse(path.read_text("utf-8")) for path, base in files.items()}


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client of the embedded store, in a folder of its own and with nothing configured."""
    monkeypatch.chdir(tmp_path)
    for name in _VARIABLES:
        monkeypatch.delenv(f"MLFLOW_{name}", raising=False)
        monkeypatch.delenv(f"MLPACK_{name}", raising=False)
    yield Client()
    while mlpack.active_run():
        mlpack.end_run()
    mlpack.set_tracking_uri(None)
    mlpack.set_registry_uri(None)


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--flavor NAME``, which may be given again, for the tests in ``tests/flavors``."""
    parser.addoption("--flavor", action="append", help="test this flavor, whose framework is installed")
