"""Flavors are small, and share by calling, not by copying."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

import mlpack_flavors

MODULES = sorted(Path(mlpack_flavors.__path__[0]).rglob("*.py"))
LINES, BLOCK = 130, 6


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_module_has_about_a_hundred_lines(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= LINES


def test_no_block_of_six_lines_stands_in_two_modules() -> None:
    places = defaultdict(set)
    for module in MODULES:
        lines = [line.strip() for line in module.read_text("utf-8").splitlines()]
        code = [line for line in lines if line and not line.startswith(("from ", "import "))]
        for start in range(len(code) - BLOCK + 1):
            places["\n".join(code[start : start + BLOCK])].add(module.name)
    assert {block: names for block, names in places.items() if len(names) > 1} == {}
