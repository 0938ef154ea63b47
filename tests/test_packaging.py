"""What is installed: the three packages as they stand in the tree, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

import mlpack

#: Where the folders of the tree go in the wheel.
INSTALLED_AS = {
    "mlpack": "mlpack",
    "flavors/mlpack_flavors": "mlpack_flavors",
    "serving/mlpack_serving": "mlpack_serving",
    "dockerfiles": "mlpack/dockerfiles",
}


@pytest.fixture(scope="module")
def from_tree(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(root, tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="module")
def from_sdist(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(root, tmp_path_factory.mktemp("sdist"))


def test_the_wheel_holds_the_tree_and_nothing_else(root: Path, from_tree: Path) -> None:
    tree = {
        f"{target}/{path.relative_to(root / folder).as_posix()}"
        for folder, target in INSTALLED_AS.items()
        for path in (root / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in files(from_tree) if ".dist-info/" not in name} == tree


def test_the_top_level_of_the_wheel_is_our_three_packages(from_tree: Path) -> None:
    top = {name.partition("/")[0] for name in files(from_tree)}
    assert top == {"mlpack", "mlpack_flavors", "mlpack_serving", f"mlpack_models-{mlpack.__version__}.dist-info"}


def test_the_wheel_is_typed_licensed_and_has_the_command(from_tree: Path) -> None:
    info = f"mlpack_models-{mlpack.__version__}.dist-info"
    assert {f"{name}/py.typed" for name in ("mlpack", "mlpack_flavors", "mlpack_serving")} <= files(from_tree)
    assert f"{info}/licenses/LICENSE" in files(from_tree)
    with zipfile.ZipFile(from_tree) as wheel:
        assert "mlpack = mlpack.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()


def test_the_sdist_builds_the_same_wheel(from_tree: Path, from_sdist: Path) -> None:
    assert files(from_sdist) == files(from_tree)


def test_there_is_one_version(root: Path) -> None:
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == mlpack.__version__ == version("mlpack-models")


def build(root: Path, target: Path, *options: str) -> Path:
    """Build what ``options`` say, by default an sdist and from it the wheel; the path of the wheel."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), *options, str(root)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = target.glob("*.whl")
    return wheel


def files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}
