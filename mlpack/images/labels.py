"""What an image says of itself: labels as OCI's specification names them, and our own for the model."""

from __future__ import annotations

from datetime import datetime

from mlpack.digest import package_digest
from mlpack.errors import InvalidPackage
from mlpack.loading import Package

_OCI = "org.opencontainers.image"
_OURS = "io.mlpack.model"
#: What the server in the image calls its model, and the labels that say the same.
CALLED = {"MLPACK_MODEL_NAME": f"{_OURS}.name", "MLPACK_MODEL_VERSION": f"{_OURS}.version"}


def labels_of(package: Package | None, name: str, registered: tuple[str, str] | None) -> dict[str, str]:
    """The labels of an image: nothing of the clock or the machine, so that two builds give the same image.

    Raises InvalidPackage where the manifest's time of creation is none.
    """
    labels = {}
    title, _, tag = name.rpartition("/")[2].partition(":")
    if name:
        labels = {f"{_OCI}.title": title, f"{_OCI}.version": tag or "latest"}
    if package is None:
        return labels
    labels |= dict(zip(CALLED.values(), registered or (title, ""), strict=True))
    manifest = package.manifest
    labels[f"{_OURS}.digest"] = package_digest(package.folder, manifest)
    if manifest.utc_time_created:
        labels[f"{_OCI}.created"] = _time(str(manifest.utc_time_created))
    for key, value in (("id", manifest.model_id), ("run", manifest.run_id), ("uuid", manifest.model_uuid)):
        if value:
            labels[f"{_OURS}.{key}"] = str(value)
    return {key: value for key, value in labels.items() if value}


def _time(text: str) -> str:
    """A manifest's time, which is UTC, as RFC 3339 has it."""
    try:
        return f"{datetime.fromisoformat(text).replace(microsecond=0, tzinfo=None).isoformat()}Z"
    except ValueError as error:
        raise InvalidPackage(f"MLmodel: utc_time_created: {text[:80]!r} is no time") from error
