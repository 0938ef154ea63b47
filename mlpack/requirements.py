"""Which distributions a model needs, pinned to the versions that it was made with."""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from itertools import chain
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mlpack.environment import applies, installed_version
from mlpack.errors import DISTRIBUTION
from mlpack.imports import find_module, modules_in, modules_in_pickle, modules_in_skops, modules_in_source

__all__ = [
    "infer_requirements",
    "modules_in",
    "modules_in_pickle",
    "modules_in_skops",
    "modules_in_source",
]

#: What a fitted model computes depends on these even where only its framework imports them.
_NUMERIC = frozenset({"numpy", "pandas", "scipy"})
_OURS = frozenset({"mlpack", "mlpack_flavors", "mlpack_serving"})
_NO_REQUIREMENT = sys.stdlib_module_names | _OURS | {"mlflow", "__main__", "__mp_main__"}
_BRING = "bring its code along with code_paths"
_NEVER = frozenset({"mlflow", "mlflow-skinny", "mlflow-tracing", "setuptools", "pip", "wheel", DISTRIBUTION})


def infer_requirements(modules: Iterable[str]) -> list[str]:
    """Pins of the distributions that provide modules, sorted: ``["cloudpickle==3.1.2", "numpy==2.4.6", ...]``.

    Modules are named as :func:`modules_in` names them. numpy, pandas and scipy are pinned also where one of the others
    requires them. The standard library, MLflow and mlpack are no requirements; local version labels (``+cpu``) are
    stripped, since no index has them. Warns of modules that no distribution provides, and of distributions that were
    installed from a folder.
    """
    providers = _providers(modules)
    for module in sorted(module for module, provider in providers.items() if provider is None):
        warnings.warn(f"the model imports {module}, which no distribution provides; {_BRING}", stacklevel=2)
    found = {str(canonicalize_name(provider.name)): provider for provider in providers.values() if provider}
    for name, provider in sorted(found.items()):
        if _folder_of(provider):
            where = f"{name} is installed from a folder, and an index may not have its version {provider.version}"
            warnings.warn(f"{where}; {_BRING}", stacklevel=2)
    versions = {name: provider.version for name, provider in found.items() if name not in _NEVER}
    versions |= {name: version(name) for name in _NUMERIC & _required_by(versions)}
    return sorted(f"{name}=={_public(number)}" for name, number in versions.items())


def _providers(modules: Iterable[str]) -> dict[str, Distribution | None]:
    """The distribution of each module that has a file outside the standard library; None where there is none."""
    found: dict[str, Distribution | None] = {}
    for name in set(modules):
        if name.partition(".")[0] in _NO_REQUIREMENT:
            continue
        module, spec = find_module(name)
        if spec is not None and spec.origin is not None:
            found[module] = _provider(module, Path(spec.origin))
    return found


def _provider(module: str, file: Path) -> Distribution | None:
    """The distribution whose list of installed files has the module's, or whose source folder it lies in."""
    folder = file.parents[module.count(".") + file.name.startswith("__init__.")]
    listed = f"\n{file.relative_to(folder).as_posix()},"
    # Most distributions are called like their module: looked at first, they spare reading the lists of all others.
    for candidate in chain(*(Distribution.discover(name=name, path=[str(folder)]) for name in (module, None))):
        record = candidate.read_text("RECORD")
        if listed in f"\n{record}" if record else module in (candidate.read_text("top_level.txt") or "").split():
            return candidate
    for candidate in Distribution.discover():
        source = _folder_of(candidate)
        if source and file.is_relative_to(source):
            return candidate
    return None


def _folder_of(candidate: Distribution) -> Path | None:
    """The folder that a distribution was installed from, if it was (PEP 610)."""
    text = candidate.read_text("direct_url.json")
    origin = json.loads(text) if text else {}
    return Path(unquote(urlsplit(origin["url"]).path)) if "dir_info" in origin else None


def _required_by(names: Iterable[str]) -> set[str]:
    """The installed distributions that some require, directly or not."""
    found: set[str] = set()
    rest = list(names)
    while rest:
        new = {name for name in _requires(rest.pop()) - found if installed_version(name)}
        found |= new
        rest += new
    return found


@cache
def _requires(name: str) -> frozenset[str]:
    try:
        lines = distribution(name).requires or ()
    except PackageNotFoundError:
        return frozenset()
    # Most lines of large frameworks are for extras: leaving them out unparsed is what makes this fast.
    plain = [Requirement(line) for line in lines if not re.search(r";.*\bextra\b", line)]
    return frozenset(canonicalize_name(line.name) for line in plain if applies(line))


def _public(number: str) -> str:
    try:
        return Version(number).public
    except InvalidVersion:
        return number
