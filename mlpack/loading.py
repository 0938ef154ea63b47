"""The one load pipeline: every way to load a package is this.

1. The URI becomes a local folder. 2. Structure. 3. Manifest. 4. Digests; nothing of a package is unpickled or imported
before this step. 5. Environment: a hostile requirement is refused, mismatches are one warning that names each. 6. Code
on the path. 7. The flavor reads.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from mlpack import plugins
from mlpack.code import activate
from mlpack.digest import Drift, check_recorded
from mlpack.environment import Environment, mismatches
from mlpack.errors import InvalidArgument, InvalidPackage, MlpackError, UnknownFlavor, first_line
from mlpack.flavor import Flavor
from mlpack.manifest import PYTHON_FUNCTION, Model
from mlpack.stores import resolve
from mlpack.trust import check_structure, inside


@dataclass(frozen=True)
class Package:
    """A package whose structure, manifest and digests are in order; nothing of it has run."""

    folder: Path
    manifest: Model
    drift: Drift

    @property
    def environment(self) -> Environment:
        """The environment that the package asks for."""
        return Environment.read(self.folder, (self.manifest.pyfunc or {}).get("env"))

    def section(self, flavor: str) -> dict[str, Any]:
        """A flavor's part of the manifest; raises UnknownFlavor where there is none."""
        if flavor not in self.manifest.flavors:
            raise UnknownFlavor(flavor, self.manifest.flavors)
        return self.manifest.flavors[flavor]


@dataclass(frozen=True)
class Loaded:
    """A model as its flavor read it, and what is needed to predict with it."""

    package: Package
    flavor: Flavor[Any]
    model: Any
    section: dict[str, Any]
    config: dict[str, Any]


def open_package(uri: str | PathLike[str]) -> Package:
    """Find a package and check it, running nothing of it.

    Raises:
        PackageNotFound: nothing is at ``uri``.
        UnsafePackage: it holds a link or a special file.
        InvalidPackage: its manifest is broken.
        DigestMismatch: it is not what was saved.
    """
    folder = resolve(uri)
    check_structure(folder)
    manifest = Model.load(folder)
    return Package(folder, manifest, check_recorded(folder, manifest))


def load(
    uri: str | PathLike[str], *, model_config: Mapping[str, Any] | None = None, suppress_warnings: bool = False
) -> Loaded:
    """Load a package to predict with it, through its ``python_function`` section.

    ``model_config`` overrides keys that the package's own configuration has.

    Raises:
        UnknownFlavor: the package has no ``python_function``, or no flavor here knows its loader.
        UnsafePackage: a requirement is a pip option, a URL or holds characters of a shell.
        InvalidArgument: ``model_config`` has a key that the package does not know.
    """
    package = open_package(uri)
    section = package.section(PYTHON_FUNCTION)
    loader = section.get("loader_module")
    if not isinstance(loader, str):
        raise InvalidPackage("MLmodel: flavors.python_function.loader_module must be the name of a module")
    flavor = plugins.for_loader(loader)
    config = _config(section.get("config"), model_config)
    own = package.manifest.flavors.get(flavor.name, section)
    model = _read(package, flavor, section.get("code"), own, config, warn=not suppress_warnings)
    return Loaded(package, flavor, model, section, config)


def load_native(uri: str | PathLike[str], flavor: Flavor[Any]) -> Any:
    """Load a framework's own model from a package; see :meth:`mlpack.flavor.Flavor.load_model`."""
    package = open_package(uri)
    section = package.section(flavor.name)
    return flavor.unwrap(_read(package, flavor, section.get("code"), section, {}, warn=True))


def _read(
    package: Package, flavor: Flavor[Any], code: object, section: dict[str, Any], config: dict[str, Any], *, warn: bool
) -> Any:
    environment = package.environment
    environment.check()
    if warn:
        _warn(package.drift, environment)
    flavor.check_installed()
    if code is not None:
        activate(inside(package.folder, code, key="code"))
    with reading(flavor):
        return flavor.read(package.folder, section, config)


@contextmanager
def reading(flavor: Flavor[Any]) -> Iterator[None]:
    """What a framework raises at a file that it cannot read becomes an InvalidPackage of one line."""
    try:
        yield
    except MlpackError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {first_line(error)}"
        raise InvalidPackage(f"its {flavor.name} model cannot be read: {reason}") from error


def _warn(drift: Drift, environment: Environment) -> None:
    if drift:
        warnings.warn(f"the package was edited after it was saved ({drift})", stacklevel=5)
    differences = mismatches(environment.requirements)
    if differences:
        phrases = "; ".join(map(str, differences))
        warnings.warn(f"this environment differs from the one that the model was saved in: {phrases}", stacklevel=5)


def _config(saved: object, given: Mapping[str, Any] | None) -> dict[str, Any]:
    known = dict(saved) if isinstance(saved, Mapping) else {}
    for key in given or {}:
        if key not in known:
            raise InvalidArgument.unknown("key of model_config", key, list(known))
    return known | dict(given or {})
