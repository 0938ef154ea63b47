"""The environment of a package: ``requirements.txt``, ``constraints.txt``, ``conda.yaml`` and ``python_env.yaml``."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mlpack.errors import InvalidArgument, InvalidPackage, UnsafePackage
from mlpack.files import write_atomically
from mlpack.requirement_lines import RequirementLines, check_requirement, is_mlflow, read_lines, requirement_name
from mlpack.yamlio import dump_yaml, load_yaml, read_text

__all__ = ["Environment", "Mismatch", "check_requirement", "environment_from", "mismatches"]

REQUIREMENTS = "requirements.txt"
CONSTRAINTS = "constraints.txt"
CONDA = "conda.yaml"
PYTHON_ENV = "python_env.yaml"

#: What real MLflow needs to find in a package to serve it in an environment of its own; nothing of ours installs it.
MLFLOW_LINE = "mlflow>=2.10"
_BUILD = ("pip", "setuptools", "wheel")
_CONDA_DEPENDENCY = re.compile(r"(?:\S+::)?(?P<name>[\w.-]+)\s*(?P<operator>[<>=!~]*)\s*(?P<version>[\w.*]*)")


@dataclass(frozen=True)
class Environment:
    """What a package says it needs.

    ``python`` is a version, empty where the package names none. ``requirements`` and ``constraints`` are plain
    requirement lines. ``conda`` is the conda file as it was read or given, of which all but Python and the pip list
    is kept. ``refused`` are the lines that could do harm: reading a package reports them, using it does not go on.
    """

    python: str
    requirements: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    build_dependencies: tuple[str, ...] = ()
    conda: Mapping[str, Any] | None = None
    refused: tuple[UnsafePackage, ...] = ()

    @property
    def to_install(self) -> tuple[str, ...]:
        """The requirements without those for MLflow itself, in whose place mlpack serves the package."""
        return tuple(line for line in self.requirements if not is_mlflow(line))

    @property
    def conda_only(self) -> tuple[str, ...]:
        """The dependencies that only conda can install: all it lists but Python, pip's list and what builds wheels."""
        listed = (self.conda or {}).get("dependencies") or []
        return tuple(line for line in listed if isinstance(line, str) and _conda_name(line) not in ("python", *_BUILD))

    def check(self) -> None:
        """Raise the first of ``refused``: to be called before the package is loaded, restored, changed or built."""
        if self.refused:
            raise self.refused[0]

    def requirements_text(self) -> str:
        """The text of ``requirements.txt``, from which real MLflow and pip can restore the environment."""
        return "".join(f"{line}\n" for line in self._pip_lines())

    def conda_text(self) -> str:
        """The text of ``conda.yaml``."""
        if self.conda is None:
            pip = next((f"pip<={line[5:]}" for line in self.build_dependencies if line.startswith("pip==")), "pip")
            head: dict[str, Any] = {"name": "mlflow-env", "channels": ["conda-forge"]}
            dependencies: list[Any] = [*([f"python={self.python}"] if self.python else []), pip]
        else:
            head = dict(self.conda)
            dependencies = [line for line in head.get("dependencies") or [] if not isinstance(line, Mapping)]
            dependencies += [] if any(_conda_name(line) == "pip" for line in dependencies) else ["pip"]
        return dump_yaml({**head, "dependencies": [*dependencies, {"pip": self._pip_lines()}]})

    def write(self, folder: Path) -> dict[str, str]:
        """Write the files into a package; returns the ``env`` map of its manifest."""
        self.check()
        if self.constraints:
            write_atomically(folder / CONSTRAINTS, "".join(f"{line}\n" for line in self.constraints))
        write_atomically(folder / REQUIREMENTS, self.requirements_text())
        write_atomically(folder / CONDA, self.conda_text())
        python_env = {
            "python": self.python or platform.python_version(),
            "build_dependencies": list(self.build_dependencies),
            "dependencies": [f"-r {REQUIREMENTS}"],
        }
        write_atomically(folder / PYTHON_ENV, dump_yaml({key: value for key, value in python_env.items() if value}))
        return {"conda": CONDA, "virtualenv": PYTHON_ENV}

    def with_requirements(self, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Environment:
        """A copy with requirements added, each in place of what was there by its name, or removed by name.

        Raises UnsafePackage for a line that is refused, InvalidArgument for a name to remove that is not there.
        """
        self.check()
        present = [requirement_name(line) for line in self.requirements]
        added = {requirement_name(line): line for line in map(check_requirement, add)}
        removed = {requirement_name(check_requirement(line)) for line in remove}
        for name in removed.difference(present):
            raise InvalidArgument.unknown("requirement", name, present)
        gone = removed | added.keys()
        kept = [line for line, name in zip(self.requirements, present, strict=True) if name not in gone]
        return replace(self, requirements=(*kept, *added.values()))

    def _pip_lines(self) -> list[str]:
        carried = any(requirement_name(line) in ("mlflow", "mlflow-skinny") for line in self.requirements)
        constrained = [f"-c {CONSTRAINTS}"] if self.constraints else []
        return [*([] if carried else [MLFLOW_LINE]), *self.requirements, *constrained]

    @classmethod
    def read(cls, folder: Path, env: str | Mapping[str, Any] | None) -> Environment:
        """The environment of a package, from whichever of the files are there; ``env`` is what its manifest says.

        MLflow 1.x says ``conda.yaml``, later ones ``{conda: ..., virtualenv: ...}``. ``python_env.yaml`` is
        preferred, else Python and the pip list come from the conda file, the list only where there is no
        ``requirements.txt``. Raises InvalidPackage for broken YAML and paths that leave the package.
        """
        named = env if isinstance(env, Mapping) else {"conda": env}
        conda = _mapping(folder, named.get("conda") or CONDA)
        python_env = _mapping(folder, named.get("virtualenv") or PYTHON_ENV)
        if python_env is not None:
            python, build = str(python_env.get("python") or ""), _strings(python_env.get("build_dependencies"))
            found = _read(_strings(python_env.get("dependencies")), PYTHON_ENV, folder)
        else:
            python, build = _conda_python(conda or {})
            from_file = (folder / REQUIREMENTS).exists()
            found = _read([f"-r {REQUIREMENTS}"] if from_file else _conda_pip(conda or {}), CONDA, folder)
        return cls(
            python=python,
            requirements=tuple(found.requirements),
            constraints=tuple(found.constraints),
            build_dependencies=tuple(build),
            conda=conda,
            refused=tuple(found.refused),
        )


def environment_from(
    *,
    pip_requirements: Iterable[str] | str | PathLike[str] | None = None,
    extra_pip_requirements: Iterable[str] | str | PathLike[str] | None = None,
    conda_env: Mapping[str, Any] | str | PathLike[str] | None = None,
    default: Callable[[], list[str]],
) -> Environment:
    """The environment to write into a package that is being saved.

    Requirements are a list of lines or the path of a requirements file; ``-r`` and ``-c`` files are read from where
    they are named. ``extra_pip_requirements`` come beside those of ``default``, which is only called when needed; what
    is given by name wins over what was inferred. ``conda_env`` is a conda environment or the path of one.

    Raises:
        InvalidArgument: more than one of the three is given, or a file is missing.
        UnsafePackage: a line is refused (see :func:`check_requirement`).
    """
    given = {
        "pip_requirements": pip_requirements,
        "extra_pip_requirements": extra_pip_requirements,
        "conda_env": conda_env,
    }
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise InvalidArgument(f"only one of {' and '.join(named)} can be given")
    python, build, conda = platform.python_version(), _installed_build_dependencies(), None
    if conda_env is not None:
        conda = _conda_argument(conda_env)
        stated, stated_build = _conda_python(conda)
        python, build = stated or python, stated_build or build
        found = _given("conda_env", _conda_pip(conda))
    elif pip_requirements is not None:
        found = _given("pip_requirements", pip_requirements)
    else:
        found = _given("extra_pip_requirements", extra_pip_requirements or ())
        found.requirements = _merged(default(), found.requirements)
    requirements, constraints = dict.fromkeys(found.requirements), dict.fromkeys(found.constraints)
    return Environment(python, tuple(requirements), tuple(constraints), tuple(build), conda)


@dataclass(frozen=True)
class Mismatch:
    """A requirement that the running environment does not meet; as text, one phrase."""

    name: str
    wanted: str
    installed: str | None

    def __str__(self) -> str:
        here = f"{self.installed} installed" if self.installed else "not installed"
        return f"{' '.join(filter(None, (self.name, self.wanted)))} wanted, {here}"


def mismatches(requirements: Iterable[str]) -> list[Mismatch]:
    """The requirements that the running environment does not meet; those for MLflow itself are left out."""
    found = []
    for line in requirements:
        wanted = Requirement(line)
        if is_mlflow(line) or not applies(wanted):
            continue
        installed = installed_version(wanted.name)
        if installed is None or not wanted.specifier.contains(installed, prereleases=True):
            found.append(Mismatch(wanted.name, str(wanted.specifier).removeprefix("=="), installed))
    return found


def applies(requirement: Requirement, python: str = "") -> bool:
    """Whether the marker of a requirement, if it has one, holds here, or under another Python (``3.11``); no extras."""
    there = {"python_version": python, "python_full_version": f"{python}.0"} if python else {}
    return requirement.marker is None or requirement.marker.evaluate({"extra": "", **there})


def installed_version(distribution: str) -> str | None:
    """The version of an installed distribution, or None."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _merged(inferred: list[str], given: list[str]) -> list[str]:
    """Given lines win over inferred ones of the same name; where they name no version they take the inferred one."""
    by_name = {requirement_name(line): Requirement(line) for line in inferred}
    lines = []
    for line in given:
        requirement = Requirement(line)
        pinned = by_name.pop(canonicalize_name(requirement.name), None)
        if pinned is not None and not requirement.specifier:
            requirement.specifier = pinned.specifier
        lines.append(str(requirement))
    return [*map(str, by_name.values()), *lines]


def _given(argument: str, value: Iterable[str] | str | PathLike[str]) -> RequirementLines:
    if isinstance(value, (str, PathLike)):
        path = Path(value)
        if not path.is_file():
            tip = f"a single requirement is a list of one: [{fspath(value)!r}]"
            raise InvalidArgument(f"{argument}: there is no file {fspath(value)!r}", tip=tip)
        found = read_lines(read_text(path).splitlines(), source=path.name, folder=path.parent)
    else:
        lines = list(value)
        if not all(isinstance(line, str) for line in lines):
            raise InvalidArgument(f"{argument} must be a list of strings or the path of a requirements file")
        found = read_lines(lines, source=argument, folder=Path.cwd())
    if found.refused:
        raise found.refused[0]
    return found


def _conda_argument(value: Mapping[str, Any] | str | PathLike[str]) -> dict[str, Any]:
    if isinstance(value, (str, PathLike)):
        if not Path(value).is_file():
            raise InvalidArgument(f"conda_env: there is no file {fspath(value)!r}")
        value = load_yaml(Path(value))
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"conda_env is a {type(value).__name__}, not a map or the path of a YAML file of one")
    return dict(value)


def _installed_build_dependencies() -> list[str]:
    found = {name: installed_version(name) for name in _BUILD}
    return [f"{name}=={number}" if number else name for name, number in found.items()]


def _mapping(folder: Path, name: object) -> dict[str, Any] | None:
    if not isinstance(name, str) or "\0" in name or not (folder / name).resolve().is_relative_to(folder.resolve()):
        raise UnsafePackage(f"{name!r} is not a file of the package")
    if not (folder / name).exists():
        return None
    value = load_yaml(folder / name)
    if not isinstance(value, dict):
        raise InvalidPackage(f"{name} does not hold a map")
    return value


def _read(lines: list[str], source: str, folder: Path) -> RequirementLines:
    return read_lines(lines, source=source, folder=folder, inside=folder)


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _conda_name(line: object) -> str:
    match = _CONDA_DEPENDENCY.match(str(line))
    return match["name"] if match else ""


def _conda_pip(conda: Mapping[str, Any]) -> list[str]:
    listed = conda.get("dependencies") or []
    return [line for item in listed if isinstance(item, Mapping) for line in _strings(item.get("pip"))]


def _conda_python(conda: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The Python version and the build dependencies, in pip's spelling, that a conda environment names."""
    python, build = "", []
    for line in _strings(conda.get("dependencies")):
        match = _CONDA_DEPENDENCY.match(line)
        if match and match["name"] == "python":
            python = match["version"].removesuffix(".*")
        elif match and match["name"] in _BUILD:
            operator = "==" if match["operator"] == "=" else match["operator"]
            build.append(f"{match['name']}{operator}{match['version']}")
    return python, build
