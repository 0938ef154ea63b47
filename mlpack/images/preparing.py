"""From a package to what its image is made of: all is checked, locked and gathered before anything is written."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mlpack.environment import Environment
from mlpack.images import wheels
from mlpack.images.context import Ingredients
from mlpack.images.dockerfile import Plan
from mlpack.images.labels import labels_of
from mlpack.images.lock import entries, lock
from mlpack.images.sources import Sources
from mlpack.images.tokens import checked
from mlpack.installers import Report
from mlpack.loading import Package
from mlpack.restoring import supported_python

#: Shows progress over what is fetched: given the names as they come, and how many there will be.
Progress = Callable[[Iterable[str], int], None]
#: What an image without a model restores environments with, when a model has come.
_GENERIC = Environment(platform.python_version(), ("uv>=0.5",))


@dataclass(frozen=True)
class Wanted:
    """An image as a user asks for it.

    ``package`` is None where the model comes when a container starts; ``registered`` is its name and version in a
    registry, where it comes from one; ``name`` the image's own, empty where only its folder is written.
    """

    package: Package | None
    sources: Sources
    platform: str
    port: int
    base: str | None = None
    name: str = ""
    registered: tuple[str, str] | None = None


def prepare(wanted: Wanted, report: Report, progress: Progress) -> tuple[Plan, Ingredients]:
    """Check, lock, and gather wheels. Nothing is written but into the wheelhouse.

    Raises:
        InvalidArgument: something that would go into the Dockerfile has no place there.
        UnsafePackage: a requirement of the model is refused.
        EnvironmentFailure: requirements contradict each other, or a wheel is missing.
    """
    plan = planned(wanted)
    environment, sources = _environment(wanted), wanted.sources
    environment.check()
    house = sources.wheelhouse
    if house is not None:
        house.mkdir(parents=True, exist_ok=True)
    locked = lock(environment, plan.python, wanted.platform, sources, report)
    model = None if wanted.package is None else wanted.package.folder
    if house is None:
        return plan, Ingredients(locked, model, None, sources.pip_conf, sources.ca_bundle)
    report(f"gathering wheels in {house}")
    where = (locked, house, plan.python, wanted.platform)
    missing = sorted(entries(locked).keys() - wheels.present(*where).keys())
    progress(wheels.gather(missing, locked, plan.python, wanted.platform, sources), len(missing))
    chosen = wheels.present(*where)
    return plan, Ingredients(wheels.lock_of(chosen), model, tuple(wheel.path for wheel in chosen.values()))


def planned(wanted: Wanted) -> Plan:
    """The plan of an image, every token of it checked."""
    checked("platform", wanted.platform)
    if wanted.name:
        checked("image name", wanted.name)
    python = supported_python(_environment(wanted).python)
    labels = labels_of(wanted.package, wanted.name, wanted.registered)
    base = wanted.base or f"python:{python}-slim"
    return Plan(base, python, wanted.port, wanted.package is not None, labels)


def _environment(wanted: Wanted) -> Environment:
    return _GENERIC if wanted.package is None else wanted.package.environment
