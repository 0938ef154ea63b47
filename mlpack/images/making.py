"""From a package to an image: what goes in is found, locked and gathered, then the folder is written and built."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from mlpack.environment import Environment
from mlpack.images import wheels
from mlpack.images.context import Ingredients
from mlpack.images.dockerfile import Plan
from mlpack.images.lock import PLATFORMS, Sources, lock
from mlpack.images.tokens import checked
from mlpack.installers import Report
from mlpack.loading import Package
from mlpack.restoring import supported_python

#: Shows progress over what is fetched: given pins as they come, and their number.
Progress = Callable[[Iterable[str], int], None]


@dataclass(frozen=True)
class Wanted:
    """An image as a user asks for it; ``package`` is None where the model comes when a container starts."""

    package: Package | None
    sources: Sources
    platform: str
    port: int
    base: str | None = None
    title: str | None = None
    pip_conf: Path | None = None


def prepare(wanted: Wanted, report: Report, progress: Progress) -> tuple[Plan, Ingredients]:
    """Check, lock, and gather wheels. Nothing is written but into the wheelhouse.

    Raises:
        InvalidArgument: something that would go into the Dockerfile has no place there.
        UnsafePackage: a requirement of the model is refused.
        EnvironmentFailure: requirements contradict each other, or a wheel is missing.
    """
    checked("platform", wanted.platform)
    package = wanted.package
    environment = Environment("", ()) if package is None else package.environment
    python = supported_python(environment.python)
    labels = {} if package is None else _labels(package)
    if wanted.title:
        title, _, tag = wanted.title.rpartition("/")[2].partition(":")
        labels |= {"org.opencontainers.image.title": title, "org.opencontainers.image.version": tag or "latest"}
    plan = Plan(wanted.base or f"python:{python}-slim", python, wanted.port, package is not None, labels)
    house = wanted.sources.wheelhouse
    if house is not None:
        house.mkdir(parents=True, exist_ok=True)
    locked = lock(environment, python, wanted.platform, wanted.sources, report)
    if house is not None:
        count = len(wheels.missing(locked, house))
        progress(wheels.gather(locked, python, wanted.platform, wanted.sources, report), count)
    return plan, Ingredients(
        lock=locked,
        model=None if package is None else package.folder,
        wheels=None if house is None else tuple(wheels.chosen(locked, house)),
        pip_conf=wanted.pip_conf,
        ca_bundle=wanted.sources.ca_bundle,
    )


def _labels(package: Package) -> dict[str, str]:
    manifest = package.manifest
    recorded = (
        manifest.extra.get("mlpack", {}).get("digests") if isinstance(manifest.extra.get("mlpack"), dict) else None
    )
    content = json.dumps(recorded, sort_keys=True) if recorded else manifest.to_yaml()
    labels = {"io.mlpack.model.digest": f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"}
    created = str(manifest.utc_time_created or "")
    if created:
        labels["org.opencontainers.image.created"] = f"{created.replace(' ', 'T')[:19]}Z"
    for key, value in (("id", manifest.model_id), ("run", manifest.run_id), ("uuid", manifest.model_uuid)):
        if value:
            labels[f"io.mlpack.model.{key}"] = str(value)
    return labels


PLATFORM_NAMES = tuple(PLATFORMS)
