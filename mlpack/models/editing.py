"""Changing a saved package: its signature, its requirements. Each change is one atomic write of the manifest."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import Literal

from mlpack.digest import ENVIRONMENT_FILES, digest_file
from mlpack.environment import Environment
from mlpack.errors import InvalidArgument
from mlpack.files import MLMODEL
from mlpack.loading import open_package
from mlpack.manifest import OURS
from mlpack.signature import ModelSignature
from mlpack.stores import resolve_to_edit


def set_signature(model_uri: str | PathLike[str], signature: ModelSignature) -> None:
    """Give a saved package another signature.

    Raises:
        InvalidArgument: ``signature`` is not a ModelSignature, or the package is not on this machine.
        InvalidPackage: the package cannot be used, or is not what was saved.
    """
    if not isinstance(signature, ModelSignature):
        raise InvalidArgument(f"signature is a {type(signature).__name__}, not a ModelSignature")
    package = open_package(resolve_to_edit(model_uri))
    package.manifest.signature = signature
    package.manifest.save(package.folder / MLMODEL)


def update_model_requirements(
    model_uri: str | PathLike[str], operation: Literal["add", "remove"], requirement_list: Iterable[str]
) -> Environment:
    """Add requirements to a saved package, or remove them by name; returns the environment as written.

    The environment files are written first and their digests, in the manifest, last: a crash between the two leaves a
    package that loads, with a warning.

    Raises:
        InvalidArgument: ``operation`` is another word, a requirement to remove is not there, or the package is not on
            this machine.
        UnsafePackage: a line is not a plain requirement.
    """
    if operation not in ("add", "remove"):
        raise InvalidArgument.unknown("operation", operation, ["add", "remove"])
    package = open_package(resolve_to_edit(model_uri))
    lines = list(requirement_list)
    changes = {"add": lines} if operation == "add" else {"remove": lines}
    environment = package.environment.with_requirements(**changes)
    written = environment.write(package.folder)
    manifest = package.manifest
    if manifest.pyfunc is not None:
        manifest.pyfunc["env"] = written
    recorded = manifest.ours.get("digests")
    if recorded is not None:
        present = [name for name in sorted(ENVIRONMENT_FILES) if (package.folder / name).is_file()]
        recorded = recorded | {name: digest_file(package.folder / name) for name in present}
        manifest.extra[OURS] = {**manifest.ours, "digests": recorded}
    manifest.save(package.folder / MLMODEL)
    return environment
