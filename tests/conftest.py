"""What tests of every folder may ask for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE_ROOTS = (ROOT / "mlpack", ROOT / "flavors" / "mlpack_flavors", ROOT / "serving" / "mlpack_serving")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> dict[str, ast.Module]:
    """The syntax tree of every module that is installed, by the name it is imported under."""
    files = {path: top.parent for top in SOURCE_ROOTS for path in sorted(top.rglob("*.py"))}
    return {_module_name(path.relative_to(base)): ast.parse(path.read_text("utf-8")) for path, base in files.items()}


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--flavor NAME``, which may be given again, for the tests in ``tests/flavors``."""
    parser.addoption("--flavor", action="append", help="test this flavor, whose framework is installed")
