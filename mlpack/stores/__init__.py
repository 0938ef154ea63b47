"""Where packages come from: a URI is parsed once into a typed value, and its store gives a local folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from mlpack.errors import InvalidArgument, PackageNotFound
from mlpack.files import MLMODEL
from mlpack.stores.uri import (
    AliasUri,
    LatestUri,
    LocalPath,
    LoggedModelUri,
    RemoteUri,
    RunUri,
    StageUri,
    VersionUri,
    parse,
)

if TYPE_CHECKING:
    from mlpack.stores.artifacts.base import ArtifactFile
    from mlpack.stores.places import Place

__all__ = ["LocalPath", "called", "parse", "pinned", "resolve", "resolve_to_edit"]

_TIP = "name the folder that holds the MLmodel file"


def resolve(uri: str | PathLike[str], *, report: Callable[[int, int], None] = lambda done, total: None) -> Path:
    """The local folder of the package that a URI names: used in place where it is on this machine, else fetched once.

    ``report`` is called, by several threads, with the bytes fetched so far and those of all.

    Raises:
        InvalidArgument: the URI is of a kind that cannot be read.
        NotInStore: there is no such run, model, version or alias.
        PackageNotFound: nothing is there, or it holds no MLmodel file.
        StoreFailure: a store cannot be reached.
        UnsafePackage: a store tells names of files that could leave the package.
        DigestMismatch: what a store sends is not what was saved.
    """
    place = parse(uri)
    if isinstance(place, LocalPath):
        return _in_place(place.path)
    # A package that is here needs nothing of what reads stores.
    from mlpack.stores.places import locate

    found = locate(place)
    folder = found.artifacts.local(found.path)
    if folder is not None:
        return _in_place(folder)
    return _fetched(found, found.artifacts.uri if isinstance(place, RemoteUri) else str(uri), report)


def pinned(uri: str | PathLike[str]) -> str | PathLike[str]:
    """The same package, named for good: an alias, a stage or ``latest`` is the version that it stands for now.

    Raises as :func:`resolve` does where a store has to be asked.
    """
    place = parse(uri)
    if not isinstance(place, AliasUri | StageUri | LatestUri):
        return uri
    from mlpack.stores.places import version_of

    version = version_of(place)
    return "/".join(filter(None, (f"models:/{version.name}/{version.version}", place.path)))


def called(uri: str | PathLike[str]) -> tuple[str, str]:
    """Name and version by which people know the package at a pinned URI; those in no registry have no version."""
    place = parse(uri)
    if isinstance(place, VersionUri):
        return place.name, place.version
    if isinstance(place, LoggedModelUri):
        return place.model_id, ""
    path = place.path if isinstance(place, RunUri) else fspath(uri)
    folder = Path(path).resolve() if isinstance(place, LocalPath) else Path(path)
    return folder.name, ""


def resolve_to_edit(uri: str | PathLike[str]) -> Path:
    """The folder of a package that is to be changed, which has to be on this machine.

    Raises:
        InvalidArgument: the package is elsewhere: only the copy of it that is kept here would change.
    """
    place = parse(uri)
    if not isinstance(place, LocalPath):
        from mlpack.stores.places import locate

        found = locate(place)
        if found.artifacts.local(found.path) is None:
            raise InvalidArgument(
                f"{str(uri)!r} is not on this machine, so it cannot be changed",
                tip="download it with mlpack artifacts download, change that, and log or register it anew",
            )
    return resolve(uri)


def _in_place(folder: Path) -> Path:
    if not folder.exists():
        raise PackageNotFound(f"there is nothing at {folder}", tip=_TIP)
    if not (folder / MLMODEL).is_file():
        raise PackageNotFound(f"{folder} holds no MLmodel file", tip=_TIP)
    return folder


def _fetched(place: Place, shown: str, report: Callable[[int, int], None]) -> Path:
    from mlpack.digest import check_recorded
    from mlpack.manifest import Model
    from mlpack.stores.artifacts.fetching import below, fetch
    from mlpack.stores.cache import Cache

    files = below(place.artifacts, place.path) if place.identity is None else None
    identity = place.identity or _as_it_is_now(place, files or ())

    def fill(part: Path) -> None:
        told = below(place.artifacts, place.path) if files is None else files
        if _manifest(place, told) is None:
            raise PackageNotFound(f"{shown} holds no MLmodel file", tip=_TIP)
        folder = fetch(place.artifacts, told, place.path, part, report=report)
        check_recorded(folder, Model.load(folder))

    return Cache.from_environment().get(identity, shown, fill)


def _as_it_is_now(place: Place, files: Sequence[ArtifactFile]) -> tuple[str, ...]:
    """What a package that may change is known by: what its store tells of its files, and its manifest.

    A store that tells only sizes would not show that a model was trained anew; every save writes another manifest.
    """
    from mlpack.digest import digest_file
    from mlpack.stores.artifacts.fetching import fetch

    told = ("listing", place.artifacts.uri, place.path, *map(repr, files))
    manifest = _manifest(place, files)
    if manifest is None or all(file.mark for file in files):
        return told
    with tempfile.TemporaryDirectory(prefix="mlpack-") as folder:
        return (*told, digest_file(fetch(place.artifacts, [manifest], manifest.path, Path(folder))))


def _manifest(place: Place, files: Sequence[ArtifactFile]) -> ArtifactFile | None:
    name = f"{place.path}/{MLMODEL}" if place.path else MLMODEL
    return next((file for file in files if file.path == name), None)
