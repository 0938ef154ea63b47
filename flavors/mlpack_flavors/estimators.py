"""Estimators as files: cloudpickle (the default, which the most versions of MLflow read), pickle, or skops."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.pickling import pickle_object
from mlpack.unpickling import unpickle
from mlpack_flavors import skops

FORMATS = ("cloudpickle", "pickle", "skops")


def write_estimator(model: Any, folder: Path, serialization_format: str) -> tuple[str, dict[str, Any]]:
    """Write ``model.pkl`` or ``model.skops``; its name, and what a flavor's section says of it.

    Raises:
        InvalidArgument: the format is none of :data:`FORMATS`, or the model cannot be written in it.
    """
    if serialization_format not in FORMATS:
        raise InvalidArgument.unknown("serialization_format", serialization_format, FORMATS)
    section: dict[str, Any] = {"serialization_format": serialization_format}
    if serialization_format == "skops":
        name = "model.skops"
        section["skops_trusted_types"] = skops.dump(model, folder / name)
    else:
        name = "model.pkl"
        pickle_object(model, folder / name, serialization_format)
    return name, section


def read_estimator(path: Path, folder: Path, section: Mapping[str, Any]) -> Any:
    """Read what :func:`write_estimator` or MLflow wrote; ``folder`` is the package.

    A section that names no format is a pickle, as MLflow before 1.0 wrote it.
    """
    if section.get("serialization_format") == "skops" or path.suffix == ".skops":
        return skops.load(path, folder / str(section.get("code") or "code"))
    return unpickle(path)
