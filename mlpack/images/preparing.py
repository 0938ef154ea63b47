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


def prepare(wanted: Wanted, plan: Plan, report: Report, progress: Progress) -> Ingredients:
    """Lock, and gather wheels, for what was planned. Nothing is written but into the wheelhouse.

    Raises:
        UnsafePackage: a requirement of the model is refused.
        EnvironmentFailure: requirements contradict each other, or a wheel is missing.
    """
    environment, sources = _environment(wanted), wanted.sources
    environment.check()
    house = sources.wheelhouse
    if house is not None:
        house.mkdir(parents=True, exist_ok=True)
    locked = lock(environment, plan.python, wanted.platform, sources, report)
    model = None if wanted.package is None else wanted.package.folder
    if house is None:
        return Ingredients(locked, model, None, sources.pip_conf, sources.ca_bundle)
    report(f"gathering wheels in {house}")
    where = (locked, house, plan.python, wanted.platform)
    chosen = wheels.present(*where)
    if missing := sorted(entries(locked).keys() - chosen.keys()):
        progress(wheels.gather(missing, locked, plan.python, wanted.platform, sources), len(missing))
        chosen = wheels.present(*where)
    return Ingredients(wheels.lock_of(chosen), model, tuple(wheel.path for wheel in chosen.values()))


def planned(wanted: Wanted) -> Plan:
    """The plan of an image; raises InvalidArgument where something of it has no place in a Dockerfile."""
    checked("platform", wanted.platform)
    if wanted.name:
        checked("image name", wanted.name)
    python = supported_python(_environment(wanted).python)
    labels = labels_of(wanted.package, wanted.name, wanted.registered)
    base = wanted.base or f"python:{python}-slim"
    return Plan(base, python, wanted.port, wanted.package is not None, labels)


def _environment(wanted: Wanted) -> Environment:
    return _GENERIC if wanted.package is None else wanted.package.environment
