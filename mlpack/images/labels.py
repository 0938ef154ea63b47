"""What an image says of itself: labels as OCI's specification names them, and our own for the model."""

from __future__ import annotations

from datetime import datetime

from mlpack.digest import package_digest
from mlpack.errors import InvalidPackage
from mlpack.loading import Package

_OCI = "org.opencontainers.image"
_OURS = "io.mlpack.model"


def labels_of(package: Package | None, name: str, registered: tuple[str, str] | None) -> dict[str, str]:
    """The labels of an image: nothing of the clock or the machine, so that two builds give the same image.

    Raises InvalidPackage where the manifest's time of creation is none.
    """
    labels = {}
    if name:
        title, _, tag = name.rpartition("/")[2].partition(":")
        labels = {f"{_OCI}.title": title, f"{_OCI}.version": tag or "latest"}
    if registered is not None:
        labels |= {f"{_OURS}.name": registered[0], f"{_OURS}.version": registered[1]}
    if package is None:
        return labels
    manifest = package.manifest
    labels[f"{_OURS}.digest"] = package_digest(package.folder, manifest)
    if manifest.utc_time_created:
        labels[f"{_OCI}.created"] = _time(str(manifest.utc_time_created))
    for key, value in (("id", manifest.model_id), ("run", manifest.run_id), ("uuid", manifest.model_uuid)):
        if value:
            labels[f"{_OURS}.{key}"] = str(value)
    return labels


def _time(text: str) -> str:
    """A manifest's time, which is UTC, as RFC 3339 has it."""
    try:
        return f"{datetime.fromisoformat(text).replace(microsecond=0, tzinfo=None).isoformat()}Z"
    except ValueError as error:
        raise InvalidPackage(f"MLmodel: utc_time_created: {text[:80]!r} is no time") from error
