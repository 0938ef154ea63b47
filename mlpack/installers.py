"""What makes an environment and installs into it: uv, the standard library's venv with pip, or conda.

Each runs as a program of its own, called with a list of arguments; what it says is passed on line by line.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from mlpack.errors import EnvironmentFailure, MissingFramework, UnsafePackage

Report = Callable[[str], None]

_SHOWN_LINES = 15
_CONDA_PROGRAMS = ("micromamba", "mamba", "conda")
_CONDA_DEPENDENCY = re.compile(r"([A-Za-z]\w*::)?\w[\w.-]*( ?[=<>!~][\w.*,|=<>!~ -]*)?")
_CONDA_CHANNEL = re.compile(r"[A-Za-z][\w.-]*(/[\w.-]+)*")


@dataclass(frozen=True)
class Recipe:
    """What an environment is made of: ``python`` is ``3.11``; the three files lie in a temporary folder."""

    python: str
    requirements: Path
    constraints: Path
    wheel: Path
    conda_channels: tuple[str, ...] = ()
    conda_dependencies: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """The arguments that pip and uv share."""
        constraints = ["-c", str(self.constraints)] if self.constraints.stat().st_size else []
        return ["-r", str(self.requirements), *constraints, str(self.wheel)]


def with_uv(folder: Path, recipe: Recipe, report: Report) -> None:
    """Make the environment with uv, from an interpreter that is there or that uv is configured to fetch."""
    uv = find_uv("--env-manager uv")
    interpreter = _interpreter(recipe.python) or recipe.python
    _run([uv, "venv", "--quiet", "--no-project", "--python", interpreter, str(folder)], recipe, report)
    _run(
        [uv, "pip", "install", "--no-progress", "--python", str(python_of(folder)), *recipe.arguments()], recipe, report
    )


def with_virtualenv(folder: Path, recipe: Recipe, report: Report) -> None:
    """Make the environment with the standard library's venv and pip."""
    interpreter = _interpreter(recipe.python) or shutil.which(f"python{recipe.python}")
    if interpreter is None:
        raise EnvironmentFailure(
            f"the package wants Python {recipe.python}, and no python{recipe.python} is on the PATH",
            tip=f"install Python {recipe.python}, or use --env-manager uv, which can fetch it",
        )
    _run([interpreter, "-I", "-m", "venv", str(folder)], recipe, report)
    _pip(folder, recipe, report)


def with_conda(folder: Path, recipe: Recipe, report: Report) -> None:
    """Make the environment with conda, as well as it goes: what else the conda file lists, then pip for the rest."""
    program = next(filter(None, map(shutil.which, _CONDA_PROGRAMS)), None)
    if program is None:
        message = f"none of {', '.join(_CONDA_PROGRAMS)} is on the PATH"
        raise EnvironmentFailure(message, tip="install one of them, or use --env-manager uv")
    report("conda environments are restored as well as it goes: uv and virtualenv are what mlpack is tested with")
    channels = [argument for name in recipe.conda_channels for argument in ("--channel", name)]
    wanted = [f"python={recipe.python}", "pip", *recipe.conda_dependencies]
    _run(
        [program, "create", "--yes", "--prefix", str(folder), "--override-channels", *channels, *wanted], recipe, report
    )
    _pip(folder, recipe, report)


INSTALLERS: Mapping[str, Callable[[Path, Recipe, Report], None]] = {
    "uv": with_uv,
    "virtualenv": with_virtualenv,
    "conda": with_conda,
}


def conda_parts(
    conda: Mapping[str, Any] | None, dependencies: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The channels and dependencies of a conda file for :class:`Recipe`; raises UnsafePackage for what is neither."""
    listed = (conda or {}).get("channels") or ["conda-forge"]
    channels = tuple(str(name) for name in listed if name != "nodefaults")
    for pattern, words in ((_CONDA_CHANNEL, channels), (_CONDA_DEPENDENCY, dependencies)):
        for word in words:
            if not pattern.fullmatch(word):
                raise UnsafePackage(f"{word[:80]!r} is refused in conda.yaml: only plain names and versions are taken")
    return channels, tuple(dependencies)


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    names = ("Scripts/python.exe", "python.exe") if os.name == "nt" else ("bin/python",)
    return next((folder / name for name in names if (folder / name).exists()), folder / names[0])


def _pip(folder: Path, recipe: Recipe, report: Report) -> None:
    # Isolated (-I), or packages on PYTHONPATH and those of the user would count as installed.
    pip = [str(python_of(folder)), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    _run([*pip, "--progress-bar", "off", *recipe.arguments()], recipe, report)


def find_uv(needed_for: str) -> str:
    """The program uv; raises MissingFramework where it is not installed."""
    try:
        return str(import_module("uv").find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise MissingFramework("uv", needed_for=needed_for, extra="uv")
    return found


def _interpreter(python: str) -> str | None:
    """An interpreter of a minor version: the one that runs, or one of pyenv's, which its PATH hides."""
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        # The running one itself may be that of an environment.
        return str(getattr(sys, "_base_executable", sys.executable))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return max(map(str, pyenv.glob(f"versions/{python}.*/bin/python")), default=None)


def _run(command: list[str], recipe: Recipe, report: Report) -> None:
    """Run a program to its end; raises EnvironmentFailure with the last lines that it said.

    It runs in the recipe's folder, where it finds no project's settings, and inherits the lock on the environment: if
    this process is killed, nobody else builds there before the program has ended too.
    """
    last: deque[str] = deque(maxlen=_SHOWN_LINES)
    with subprocess.Popen(
        command,
        cwd=recipe.wheel.parent,
        close_fds=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            last.append(line.rstrip())
            report(line.rstrip())
    if process.returncode:
        raise EnvironmentFailure(
            "\n".join([f"{Path(command[0]).name} could not make an environment with Python {recipe.python}:", *last]),
            tip="change what the package wants with mlpack models update-pip-requirements, "
            "or use the environment you are in with --env-manager local",
        )
