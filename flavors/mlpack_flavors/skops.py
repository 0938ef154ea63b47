"""The skops format, which holds no code: what it may construct is decided here and never read from the package."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from mlpack.errors import InvalidArgument, InvalidPackage, MissingFramework, UnsafePackage

#: Packages whose types a skops file may construct.
TRUSTED = frozenset({"catboost", "lightgbm", "numpy", "pandas", "scipy", "sklearn", "xgboost"})
#: Parts of them that read files, run programs or fetch data.
NOT_TRUSTED = (
    "numpy.f2py",
    "numpy.lib",
    "numpy.testing",
    "pandas.io",
    "scipy.io",
    "sklearn.datasets",
    "sklearn.utils._testing",
)


def dump(model: Any, path: Path) -> list[str]:
    """Write a model; returns the types that a reader has to trust beyond skops' own list, which MLflow wants to see."""
    io = _skops()
    try:
        io.dump(model, path)
        types: list[str] = io.get_untrusted_types(file=path)
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        message = f"{type(model).__name__} cannot be written as skops: {error}"
        raise InvalidArgument(message, tip="use serialization_format='cloudpickle'") from error
    refused = [name for name in types if not _known(name)]
    if refused:
        raise InvalidArgument(
            f"skops holds types of known frameworks only, not {', '.join(sorted(refused))}",
            tip="use serialization_format='cloudpickle'",
        )
    return types


def load(path: Path, code: Path) -> Any:
    """Read a model; types of known frameworks and of the package's own code folder are constructed.

    Raises:
        UnsafePackage: the file asks for any other type.
        InvalidPackage: it is not a skops file.
    """
    io = _skops()
    own = {entry.stem for entry in code.iterdir()} if code.is_dir() else set()
    try:
        asked = io.get_untrusted_types(file=path)
        refused = sorted(name for name in asked if not _known(name) and name.partition(".")[0] not in own)
        if refused:
            raise UnsafePackage(f"{path.name} constructs types that are not trusted here: {', '.join(refused)}")
        return io.load(path, trusted=asked)
    except (BadZipFile, RecursionError, KeyError) as error:
        raise InvalidPackage(f"{path.name} is not a skops file") from error


def _known(name: str) -> bool:
    banned = any(name == prefix or name.startswith(f"{prefix}.") for prefix in NOT_TRUSTED)
    return name.partition(".")[0] in TRUSTED and not banned


def _skops() -> Any:
    try:
        return import_module("skops.io")
    except ImportError as error:
        raise MissingFramework("skops", needed_for="a model in the skops format", extra="skops") from error
