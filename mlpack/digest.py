"""Content digests of a package: SHA-256 of every file, kept under the manifest's ``mlpack`` key, which MLflow ignores.

A change of weights, code or artifacts is refused. Changed environment files and unknown extra files are a warning,
because MLflow's own editing commands make them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlpack.environment import CONDA, CONSTRAINTS, PYTHON_ENV, REQUIREMENTS
from mlpack.errors import DigestMismatch, InvalidPackage
from mlpack.files import MLMODEL, walk
from mlpack.manifest import Model

ENVIRONMENT_FILES = frozenset({CONDA, CONSTRAINTS, PYTHON_ENV, REQUIREMENTS})
#: The manifest, which holds the digests, and a note that MLflow leaves in packages that it loads from a registry.
_UNCOUNTED = frozenset({MLMODEL, "registered_model_meta"})
_CACHE = "__pycache__"
_CODE_SUFFIXES = (".py", ".so", ".pyd", ".pth", ".zip")


@dataclass(frozen=True)
class Drift:
    """How the files of a package differ from its digests without being refused; all names are relative."""

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.extra)

    def __str__(self) -> str:
        kinds = {"changed": self.changed, "missing": self.missing, "not part of it": self.extra}
        return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names)


def digest_file(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        # hashlib.file_digest is there from Python 3.11 on only.
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """Relative name -> SHA-256 of every file of a package but its manifest and Python's caches."""
    return {
        path.relative_to(folder).as_posix(): digest_file(path)
        for path in walk(folder)
        if path.is_file() and path.relative_to(folder).as_posix() not in _UNCOUNTED and _CACHE not in path.parts
    }


def package_digest(folder: Path, manifest: Model) -> str:
    """One digest for all of a package: ``sha256:`` and the SHA-256 of its manifest, which holds those of its files.

    Where it does not (MLflow writes none), that of the lines that ``sha256sum`` prints of all its files, by name.
    """
    if manifest.ours.get("digests"):
        return f"sha256:{digest_file(folder / MLMODEL)}"
    files = {**digests(folder), MLMODEL: digest_file(folder / MLMODEL)}
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def check_recorded(folder: Path, manifest: Model) -> Drift:
    """:func:`check_digests` by what the package's own manifest says; one of MLflow's has no digests and passes."""
    code, recorded = (manifest.pyfunc or {}).get("code"), manifest.ours.get("digests")
    return check_digests(folder, recorded, code if isinstance(code, str) else None) if recorded else Drift()


def check_digests(folder: Path, recorded: Mapping[str, str], code: str | None = None) -> Drift:
    """Compare a package with the digests it was saved with.

    ``code`` is the name of its code folder: a file added there can take the place of any module, so it counts as a
    change of the code, as does a new module in the package's own folder.

    Raises:
        DigestMismatch: weights, code or artifacts changed or are missing.
        InvalidPackage: ``recorded``, as the manifest has it, is no map of file names.
    """
    if not isinstance(recorded, Mapping) or not all(isinstance(name, str) for name in recorded):
        raise InvalidPackage("MLmodel: mlpack.digests must be a map of file names")
    found = digests(folder)
    changed = [name for name in recorded if name in found and found[name] != recorded[name]]
    missing = [name for name in recorded if name not in found]
    extra = [name for name in found if name not in recorded]
    foreign_code = [name for name in extra if name.endswith(_CODE_SUFFIXES) or (code and name.startswith(f"{code}/"))]
    bad_changed = [name for name in changed if name not in ENVIRONMENT_FILES] + foreign_code
    bad_missing = [name for name in missing if name not in ENVIRONMENT_FILES]
    if bad_changed or bad_missing:
        raise DigestMismatch(bad_changed, bad_missing)
    return Drift(tuple(changed), tuple(missing), tuple(extra))
