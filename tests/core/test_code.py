"""Code paths: each package gets its own modules, and nothing is written into it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlpack import code
from mlpack.errors import InvalidArgument


@pytest.fixture(autouse=True)
def same_path_and_modules() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def package_with(folder: Path, **modules: str) -> Path:
    """A code folder with modules of the given sources."""
    folder.mkdir(parents=True)
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    return folder


def test_two_packages_with_a_module_of_one_name_each_get_their_own(tmp_path: Path) -> None:
    code.activate(package_with(tmp_path / "one" / "code", shared_helper="VALUE = 1\n"))
    assert importlib.import_module("shared_helper").VALUE == 1
    code.activate(package_with(tmp_path / "two" / "code", shared_helper="VALUE = 2\n"))
    assert importlib.import_module("shared_helper").VALUE == 2


def test_no_bytecode_is_written_into_a_package_nor_read_from_it(tmp_path: Path) -> None:
    folder = package_with(tmp_path / "code", fresh_helper="VALUE = 1\n")
    inner = package_with(folder / "inner_helper", __init__="", leaf="VALUE = 2\n")
    code.activate(folder)
    assert importlib.import_module("fresh_helper").VALUE == 1
    assert importlib.import_module("inner_helper.leaf").VALUE == 2
    assert not list(tmp_path.rglob("__pycache__"))
    assert inner.is_dir()


def test_a_package_in_front_of_the_path_wins_over_the_current_folder(tmp_path: Path) -> None:
    sys.path.insert(0, str(package_with(tmp_path / "cwd", contested_helper="VALUE = 'cwd'\n")))
    code.activate(package_with(tmp_path / "code", contested_helper="VALUE = 'package'\n"))
    assert importlib.import_module("contested_helper").VALUE == "package"


def test_two_paths_of_one_name_are_refused(tmp_path: Path) -> None:
    first, second = package_with(tmp_path / "a" / "util"), package_with(tmp_path / "b" / "util")
    with pytest.raises(InvalidArgument, match="would both become util"):
        code.check_code_paths([first, second])


def test_a_folder_that_holds_the_package_is_copied_without_it(tmp_path: Path) -> None:
    project = package_with(tmp_path / "project", train="")
    target = project / "model"
    target.mkdir()
    assert code.copy_code([project], target) == "code"
    assert sorted(entry.relative_to(target).as_posix() for entry in target.rglob("*.py")) == ["code/project/train.py"]
