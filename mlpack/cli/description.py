"""What a package is, found by reading alone: nothing of it is unpickled, imported or run.

A broken package is described as far as it can be read; what would be refused on loading is listed in ``problems``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from mlpack.digest import check_digests
from mlpack.environment import Environment
from mlpack.errors import InvalidPackage, MlpackError
from mlpack.files import MLMODEL, walk
from mlpack.manifest import Model
from mlpack.signature import ModelSignature
from mlpack.trust import check_structure
from mlpack.yamlio import load_yaml

VERIFIED, DIFFERENT, ABSENT, UNCHECKED = "verified", "different", "absent", "not checked"


@dataclass
class Description:
    """A package, as plain values that JSON can hold.

    ``signature`` has lists of column specifications under ``inputs``, ``outputs`` and ``params``. ``digests`` is one of
    verified, different, absent (the package was saved without) and not checked (its structure is unsafe).
    ``problems`` keep it from being loaded, ``notes`` do not.
    """

    path: str
    files: int = 0
    size_bytes: int = 0
    created: str | None = None
    mlflow_version: str | None = None
    mlpack_version: str | None = None
    model_id: str | None = None
    run_id: str | None = None
    python: str | None = None
    loader_module: str | None = None
    code: str | None = None
    flavors: dict[str, dict[str, Any]] = field(default_factory=dict)
    signature: dict[str, Any] | None = None
    requirements: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    example: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    digests: str = UNCHECKED
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        """The description as strict JSON."""
        return json.dumps(asdict(self), indent=2, allow_nan=False)


def describe(folder: Path) -> Description:
    """Describe the package in a folder that holds an MLmodel file."""
    found = Description(path=str(folder))
    files = [path for path in walk(folder) if path.is_file() and not path.is_symlink()]
    found.files, found.size_bytes = len(files), sum(path.stat().st_size for path in files)
    with _telling(found):
        document = _plain(load_yaml(folder / MLMODEL))
        signature = document.pop("signature", None) if isinstance(document, dict) else None
        with _telling(found):
            found.signature = _signature(signature)
        manifest = Model.from_dict(document)
        _describe_manifest(found, manifest)
        with _telling(found):
            _describe_environment(found, folder, manifest)
        _describe_digests(found, folder, manifest)
    return found


@contextmanager
def _telling(found: Description) -> Iterator[None]:
    """Go on after the block where it fails, with what was wrong among the problems."""
    try:
        yield
    except MlpackError as error:
        found.problems.append(error.message)


def _plain(value: Any) -> Any:
    """A value of YAML as JSON can hold it: dates, sets, bytes and infinity as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, int)) or (isinstance(value, float) and isfinite(value)):
        return value
    return str(value)


def _signature(section: Any) -> dict[str, Any] | None:
    if section is None:
        return None
    if not isinstance(section, Mapping):
        raise InvalidPackage(f"{MLMODEL}: signature must be a map, found {type(section).__name__}")
    signature = ModelSignature.from_dict(section)
    parts = {"inputs": signature.inputs, "outputs": signature.outputs, "params": signature.params}
    return {name: part.to_dict() if part is not None else None for name, part in parts.items()}


def _describe_manifest(found: Description, manifest: Model) -> None:
    pyfunc = manifest.pyfunc or {}
    found.created = manifest.utc_time_created
    found.mlflow_version = manifest.mlflow_version
    found.mlpack_version = manifest.ours.get("version")
    found.model_id, found.run_id = manifest.model_id, manifest.run_id
    found.python = pyfunc.get("python_version")
    found.loader_module = pyfunc.get("loader_module")
    found.code = pyfunc.get("code")
    found.flavors = manifest.flavors
    found.example = manifest.saved_input_example_info
    found.metadata = manifest.metadata
    if not manifest.pyfunc:
        found.notes.append("it has no python_function flavor: its own framework can load it, but it cannot be served")


def _describe_environment(found: Description, folder: Path, manifest: Model) -> None:
    environment = Environment.read(folder, (manifest.pyfunc or {}).get("env"))
    found.python = environment.python or found.python
    found.requirements = list(environment.requirements)
    found.constraints = list(environment.constraints)
    found.problems += [refused.message for refused in environment.refused]


def _describe_digests(found: Description, folder: Path, manifest: Model) -> None:
    check_structure(folder)
    recorded = manifest.ours.get("digests")
    if not recorded:
        found.digests = ABSENT
        found.notes.append("it was saved without digests: a change of its files cannot be seen")
        return
    found.digests = DIFFERENT
    drift = check_digests(folder, recorded, found.code)
    if drift:
        found.notes.append(f"it was edited after it was saved ({drift})")
    else:
        found.digests = VERIFIED
