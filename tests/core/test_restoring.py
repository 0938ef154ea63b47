"""A package's own environment is made by real installers, kept by its content, and never half there."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
import zipfile
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

import mlpack
from mlpack import __version__
from mlpack.environment import Environment
from mlpack.errors import EnvironmentFailure, InvalidArgument, InvalidPackage, MissingFramework, UnsafePackage
from mlpack.manifest import Model
from mlpack.own_wheel import own_wheel
from mlpack.restoring import restore

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
RESTORE = """
import sys
from pathlib import Path
from mlpack.restoring import restore
print(restore(Path(sys.argv[1]), "uv", report=print))
"""
REPACK = """
import sys
from pathlib import Path
from mlpack.own_wheel import own_wheel
own_wheel(Path(sys.argv[1]))
"""


def package(folder: Path, *requirements: str, python: str = RUNNING, constraints: tuple[str, ...] = ()) -> Path:
    """A package that is nothing but its manifest and its environment."""
    folder.mkdir(exist_ok=True)
    env = Environment(python, requirements, constraints).write(folder)
    Model(flavors={"python_function": {"loader_module": "mlflow.pyfunc.model", "env": env}}).save(folder / "MLmodel")
    return folder


def output(python: Path, code: str) -> str:
    return subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the environments of one test."""
    monkeypatch.setenv("MLPACK_ENV_ROOT", str(tmp_path / "envs"))
    return tmp_path / "envs"


def environments(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob("*") if path.suffix != ".lock")


def test_uv_restores_what_the_package_requires_and_this_mlpack(tmp_path: Path, root: Path) -> None:
    lines: list[str] = []
    wanted = package(tmp_path / "package", "mlflow==3.17.2", "six>=1", constraints=("six<1.17",))
    python = restore(wanted, "uv", report=lines.append)
    code = "import six, mlpack, mlpack_serving; print(six.__version__, mlpack.__version__)"
    assert output(python, code) == f"1.16.0 {__version__}"
    assert output(python, "import importlib.util; print(importlib.util.find_spec('mlflow'))") == "None"
    assert any("six==1.16.0" in line for line in lines)
    assert [path.stat().st_mode & 0o077 for path in (root, python.parents[1])] == [0, 0]


def test_a_restored_mlpack_packs_the_wheel_that_it_came_from(tmp_path: Path) -> None:
    ours, theirs = own_wheel(tmp_path), tmp_path / "theirs"
    theirs.mkdir()
    uv, python = [sys.executable, "-m", "uv"], tmp_path / "env" / "bin" / "python"
    subprocess.run([*uv, "venv", "-q", tmp_path / "env"], check=True)
    subprocess.run([*uv, "pip", "install", "-q", "--no-deps", "--python", python, ours], check=True)
    subprocess.run([python, "-I", "-c", REPACK, theirs], check=True)
    assert (theirs / ours.name).read_bytes() == ours.read_bytes()


def test_an_mlpack_that_is_not_installed_says_so(tmp_path: Path) -> None:
    here = Path(mlpack.__file__).parents[1]
    bare = [sys.executable, "-S", "-c", f"import sys; sys.path.append({str(here)!r}); {REPACK}", str(tmp_path)]
    failed = subprocess.run(bare, capture_output=True, text=True, check=False)
    assert "EnvironmentFailure: mlpack runs from a folder and is not installed" in failed.stderr


def test_an_environment_is_made_once_for_all_packages_that_want_the_same(tmp_path: Path, root: Path) -> None:
    lines: list[str] = []
    first = restore(package(tmp_path / "a", "six==1.16.0", python=f"{RUNNING}.1"), "uv")
    made = environments(root)
    assert restore(package(tmp_path / "b", "six==1.16.0", python=f"{RUNNING}.2"), "uv", report=lines.append) == first
    assert (lines, environments(root)) == ([], made)


def test_two_processes_make_an_environment_once(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-c", RESTORE, str(package(tmp_path / "package", "six==1.16.0"))]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("+ six==1.16.0" in text for text in said) == 1
    assert len({text.splitlines()[-1] for text in said}) == 1


def test_a_kill_in_the_middle_leaves_nothing_that_is_used(tmp_path: Path, root: Path) -> None:
    wanted = package(tmp_path / "package", "six==1.16.0")
    process = subprocess.Popen([sys.executable, "-c", RESTORE, str(wanted)], stdout=subprocess.DEVNULL)
    while not list(root.glob("uv-*/pyvenv.cfg")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list(root.glob("*.json"))
    assert output(restore(wanted, "uv"), "import six, mlpack; print(six.__version__)") == "1.16.0"


def test_an_environment_that_lost_its_interpreter_is_made_anew(tmp_path: Path) -> None:
    wanted = package(tmp_path / "package")
    python = restore(wanted, "uv")
    python.unlink()
    assert restore(wanted, "uv") == python
    assert output(python, "import mlpack; print(mlpack.__version__)") == __version__


def test_venv_and_pip_restore_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_DEPS", "1")  # for speed alone: with all of them it takes half a minute
    python = restore(package(tmp_path / "package", "six>=1", constraints=("six<1.17",)), "virtualenv")
    code = (
        "import six, mlpack; from importlib.metadata import version; print(six.__version__, version('mlpack-models'))"
    )
    assert output(python, code) == f"1.16.0 {__version__}"
    assert (python.parent / "mlpack").read_text().startswith(f"#!{python}")


@pytest.mark.parametrize("python", ["3.8.13", "3.9", "3.14.0", "2.7"])
def test_a_python_that_mlpack_does_not_run_on_is_named_with_those_it_does(
    tmp_path: Path, root: Path, python: str
) -> None:
    with pytest.raises(EnvironmentFailure, match=f"wants Python {python}; mlpack-models runs on Python .*3.10"):
        restore(package(tmp_path / "package", python=python), "uv")
    assert not root.exists()


def test_a_python_that_is_no_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidPackage, match="not a version of Python"):
        restore(package(tmp_path / "package", python="--help"), "uv")


@pytest.mark.parametrize("where", ["requirements", "constraints"])
def test_a_pin_that_mlpack_cannot_run_with_is_named_with_what_it_needs(tmp_path: Path, where: str) -> None:
    pin = "pandas==1.5.3"
    wanted = package(tmp_path / "a", pin) if where == "requirements" else package(tmp_path / "a", constraints=(pin,))
    with pytest.raises(
        EnvironmentFailure, match=rf"pins pandas==1.5.3, and mlpack-models {__version__} needs pandas>=2.1"
    ):
        restore(wanted, "uv")


def test_a_pin_whose_marker_does_not_hold_is_no_contradiction(tmp_path: Path) -> None:
    wanted = package(
        tmp_path / "package", "pandas==1.5.3; python_version < '3.9'", "pandas==2.*; python_version < '3.9'"
    )
    assert restore(wanted, "uv").exists()


def test_a_range_that_mlpack_cannot_run_with_is_named_by_the_resolver(tmp_path: Path, root: Path) -> None:
    with pytest.raises(EnvironmentFailure, match=r"(?s)depends on pandas>=2.1.*you require pandas<2") as caught:
        restore(package(tmp_path / "package", "pandas<2"), "uv")
    assert "update-pip-requirements" in caught.value.tip
    assert environments(root) == []


def test_a_hostile_line_is_refused_before_anything_is_made(tmp_path: Path, root: Path) -> None:
    wanted = package(tmp_path / "package")
    (wanted / "requirements.txt").write_text("six\n--index-url https://example.org\n")
    with pytest.raises(UnsafePackage, match=r"requirements.txt, line 2"):
        restore(wanted, "uv")
    assert not root.exists()


def test_another_version_of_python_is_found(tmp_path: Path) -> None:
    installed = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv").glob("versions/3.1[0-3].*")
    others = {".".join(path.name.split(".")[:2]) for path in installed} - {RUNNING}
    if not others:
        pytest.skip("pyenv has no other Python here")
    python = restore(package(tmp_path / "package", python=min(others)), "uv")
    assert output(python, "import sys; print('%d.%d' % sys.version_info[:2])") == min(others)


def test_a_manager_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = package(tmp_path / "package")
    with pytest.raises(InvalidArgument, match="unknown environment manager 'vu'"):
        restore(wanted, "vu")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFailure, match="micromamba, mamba, conda"):
        restore(wanted, "conda")
    monkeypatch.setitem(sys.modules, "uv", None)
    with pytest.raises(MissingFramework, match="needs uv"):
        restore(wanted, "uv")


@pytest.fixture
def micromamba(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of that name that says how it was called, and fails."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "micromamba").write_text('#!/bin/sh\necho "$@"\nexit 3\n')
    (tmp_path / "bin" / "micromamba").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("micromamba")
def test_conda_gets_what_only_it_can_install_and_says_that_it_is_best_effort(tmp_path: Path) -> None:
    wanted, lines = package(tmp_path / "package"), list[str]()
    (wanted / "conda.yaml").write_text("channels: [bioconda]\ndependencies: [python=3.9, samtools>=1.9, pip]\n")
    with pytest.raises(EnvironmentFailure, match=f"--channel bioconda python={RUNNING} pip samtools>=1.9"):
        restore(wanted, "conda", report=lines.append)
    assert "as well as it goes" in lines[0]


@pytest.mark.parametrize("conda", ["channels: [--help]", "channels: [https://x.org]", "dependencies: ['-n base']"])
def test_conda_gets_no_options_and_no_urls(tmp_path: Path, conda: str) -> None:
    wanted = package(tmp_path / "package")
    (wanted / "conda.yaml").write_text(conda)
    with pytest.raises(UnsafePackage, match=r"refused in conda.yaml"):
        restore(wanted, "conda")


def test_what_uv_leaves_out_of_a_conda_file_is_said(tmp_path: Path) -> None:
    wanted, lines = package(tmp_path / "package"), list[str]()
    (wanted / "conda.yaml").write_text("dependencies: [python=3.9, samtools=1.9, pip]\n")
    restore(wanted, "uv", report=lines.append)
    assert lines[0] == "left out, since only conda installs them: samtools=1.9"


def test_our_wheel_is_the_same_bytes_each_time_and_holds_what_is_ours_alone(tmp_path: Path) -> None:
    wheel = own_wheel(tmp_path)
    first = hashlib.sha256(wheel.read_bytes()).digest()
    assert hashlib.sha256(own_wheel(tmp_path).read_bytes()).digest() == first
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    info = f"mlpack_models-{version('mlpack-models')}.dist-info"
    assert {name.split("/")[0] for name in names} == {"mlpack", "mlpack_flavors", "mlpack_serving", info}
    assert {"mlpack/py.typed", f"{info}/METADATA", f"{info}/RECORD"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or "/." in name]
    assert distribution("mlpack-models").metadata["Name"] == "mlpack-models"
