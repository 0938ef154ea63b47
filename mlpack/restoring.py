"""The environment that a package asks for: made once, kept by its content, never changed."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mlpack.environment import CONSTRAINTS, REQUIREMENTS, Environment, applies
from mlpack.errors import DISTRIBUTION, EnvironmentFailure, InvalidArgument, InvalidPackage
from mlpack.files import write_atomically
from mlpack.installers import INSTALLERS, Recipe, Report, conda_parts, python_of
from mlpack.manifest import Model
from mlpack.own_wheel import own_distribution, own_wheel

try:
    import fcntl
except ImportError:  # Windows has no flock; two restores of one environment at once are not kept apart there
    fcntl = None  # type: ignore[assignment]


def restore(folder: Path, manager: str, *, report: Report = lambda line: None) -> Path:
    """The interpreter of an environment that holds what a package requires, and this mlpack; made if not there yet.

    ``manager`` is ``uv``, ``virtualenv`` or ``conda``; ``report`` gets each line of progress. Environments are kept
    below ``MLPACK_ENV_ROOT`` (default ``~/.cache/mlpack/envs``) and can be deleted at any time when not in use.

    Raises:
        UnsafePackage: a requirement is refused.
        EnvironmentFailure: the package wants a Python or a version that mlpack cannot run with, or the manager failed.
        MissingFramework: uv is not installed.
    """
    if manager not in INSTALLERS:
        raise InvalidArgument.unknown("environment manager", manager, list(INSTALLERS))
    environment = Environment.read(folder, (Model.load(folder).pyfunc or {}).get("env"))
    environment.check()
    python = supported_python(environment.python)
    check_pins(environment, python)
    with tempfile.TemporaryDirectory(prefix="mlpack-") as name:
        recipe = _recipe(Path(name), environment, python, manager, report)
        return _made_once(recipe, manager, report)


def _recipe(folder: Path, environment: Environment, python: str, manager: str, report: Report) -> Recipe:
    channels, dependencies = conda_parts(environment.conda, environment.conda_only) if manager == "conda" else ((), ())
    if manager != "conda" and environment.conda_only:
        report(f"left out, since only conda installs them: {', '.join(environment.conda_only)}")
    files = folder / REQUIREMENTS, folder / CONSTRAINTS, own_wheel(folder)
    recipe = Recipe(python, *files, conda_channels=channels, conda_dependencies=dependencies)
    recipe.requirements.write_text("".join(f"{line}\n" for line in environment.to_install), "utf-8")
    recipe.constraints.write_text("".join(f"{line}\n" for line in environment.constraints), "utf-8")
    return recipe


def _made_once(recipe: Recipe, manager: str, report: Report) -> Path:
    """Environments stay where they were made, since their scripts hold their path; the record says one is whole."""
    content = {
        "manager": manager,
        "python": recipe.python,
        "platform": sysconfig.get_platform(),
        "requirements": recipe.requirements.read_text("utf-8"),
        "constraints": recipe.constraints.read_text("utf-8"),
        "conda": [recipe.conda_channels, recipe.conda_dependencies],
        "wheel": hashlib.sha256(recipe.wheel.read_bytes()).hexdigest(),
    }
    text = json.dumps(content, indent=2, sort_keys=True)
    root = _root()
    place = root / f"{manager}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"
    record = place.with_suffix(".json")
    with _alone(place.with_suffix(".lock"), report):
        if record.exists() and python_of(place).exists():
            return python_of(place)
        record.unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        try:
            INSTALLERS[manager](place, recipe, report)
            write_atomically(record, text)
            record.chmod(0o600)
        finally:
            if not record.exists():
                shutil.rmtree(place, ignore_errors=True)
    return python_of(place)


def _root() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    root = Path(os.environ.get("MLPACK_ENV_ROOT") or Path(cache, "mlpack", "envs")).absolute()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


@contextmanager
def _alone(lock: Path, report: Report) -> Iterator[None]:
    """Hold a lock, which the programs that are started inherit."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(handle, True)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                report("another process makes this environment; waiting for it")
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def supported_python(wanted: str) -> str:
    """The minor version to restore, ``3.11`` for ``3.11.7``: patch releases run the same packages."""
    try:
        version = Version(wanted or platform.python_version())
    except InvalidVersion as error:
        raise InvalidPackage(f"{wanted[:80]!r} is not a version of Python") from error
    minor = f"{version.major}.{version.minor}"
    supported = own_distribution().metadata["Requires-Python"]
    if minor not in SpecifierSet(supported):
        raise EnvironmentFailure(
            f"the package wants Python {wanted}; {DISTRIBUTION} runs on Python {supported}",
            tip="use the environment you are in with --env-manager local, or save the model anew with such a Python",
        )
    return minor


def check_pins(environment: Environment, python: str) -> None:
    """Raise EnvironmentFailure for exact versions that mlpack cannot run with; ranges are left to the resolver."""
    own = own_distribution()
    needs = [Requirement(f"{DISTRIBUTION}=={own.version}"), *map(Requirement, own.requires or ())]
    ours = {canonicalize_name(need.name): need for need in needs if applies(need, python)}
    for line in (*environment.to_install, *environment.constraints):
        wanted = Requirement(line)
        need = ours.get(canonicalize_name(wanted.name))
        exact = [pin.version for pin in wanted.specifier if pin.operator in ("==", "===") and "*" not in pin.version]
        if need is None or not applies(wanted, python):
            continue
        if any(not need.specifier.contains(version, prereleases=True) for version in exact):
            raise EnvironmentFailure(
                f"the package pins {line}, and {DISTRIBUTION} {own.version} needs {need.name}{need.specifier}",
                tip="use the environment you are in with --env-manager local, or save the model anew with that version",
            )
