"""Where the files are that a URI names: the store is asked, and what it says is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mlpack.entities import LoggedModel, ModelVersion, Run
from mlpack.errors import InvalidArgument, NotInStore
from mlpack.stores.artifacts import Artifacts, open_artifacts
from mlpack.stores.artifacts.local import LocalArtifacts
from mlpack.stores.artifacts.overlay import Mounted, Overlay
from mlpack.stores.base import NoLoggedModels, Store
from mlpack.stores.configured import get_tracking_uri, registry_store, tracking_store
from mlpack.stores.uri import (
    AliasUri,
    LatestUri,
    LocalPath,
    LoggedModelUri,
    PackageUri,
    RemoteUri,
    RunUri,
    StageUri,
    VersionUri,
    parse,
)

#: The folders that MLflow keeps artifacts in, below which paths stay as they are when a store is moved.
_ROOTS = ("mlruns", "mlartifacts")
_UNFINISHED = ("RUNNING", "SCHEDULED")


@dataclass(frozen=True)
class Place:
    """Files below ``path`` of ``artifacts``; ``identity`` says what they are, where that can never be anything else."""

    artifacts: Artifacts
    path: str = ""
    identity: tuple[str, ...] | None = None


def locate(uri: PackageUri) -> Place:
    """Where the files are that a URI names; nothing of them is read.

    Raises:
        NotInStore: there is no such run, model, version or alias.
        StoreFailure: a store cannot be reached.
    """
    if isinstance(uri, LocalPath):
        return Place(LocalArtifacts(uri.path))
    if isinstance(uri, RemoteUri):
        return Place(open_artifacts(uri.uri, get_tracking_uri()))
    if isinstance(uri, RunUri):
        return _of_run(tracking_store(), uri)
    if isinstance(uri, LoggedModelUri):
        store = tracking_store()
        return _of_logged_model(store, store.get_logged_model(uri.model_id), uri.path)
    registry = registry_store()
    return _of_version(registry, _version(registry, uri), uri.path)


def version_of(uri: VersionUri | AliasUri | StageUri | LatestUri) -> ModelVersion:
    """The version that a URI names now; raises as :func:`locate` does."""
    return _version(registry_store(), uri)


def _of_run(store: Store, uri: RunUri) -> Place:
    """What the run logged itself, under the logged model that its path begins with: since MLflow 3 models are not below
    the run.

    Files of the run itself may be replaced at any time, also when it has ended; those of a model stay.
    """
    run = store.get_run(uri.run_id)
    artifacts = open_told(run.info.artifact_uri, store)
    name = uri.path.partition("/")[0]
    model = _logged_by(run, name, store) if name else None
    if model is None:
        return Place(artifacts, uri.path)
    artifacts = Overlay(Mounted(open_told(model.artifact_location, store), name), artifacts)
    settled = run.info.status not in _UNFINISHED and model.status == "READY"
    identity = ("run", uri.run_id, uri.path, model.model_id, artifacts.uri)
    return Place(artifacts, uri.path, identity if settled else None)


def _logged_by(run: Run, name: str, store: Store) -> LoggedModel | None:
    """The newest logged model of that name whose run it is; None also in a store from before there were any."""
    try:
        found = store.search_logged_models([run.info.experiment_id], name=name, source_run_id=run.info.run_id)
    except NoLoggedModels:
        return None
    return next(iter(found), None)


def _of_logged_model(store: Store, model: LoggedModel, path: str) -> Place:
    artifacts = open_told(model.artifact_location, store)
    settled = model.status == "READY"
    return Place(artifacts, path, ("logged model", model.model_id, path, artifacts.uri) if settled else None)


def _version(registry: Store, uri: VersionUri | AliasUri | StageUri | LatestUri) -> ModelVersion:
    if isinstance(uri, VersionUri):
        return registry.get_model_version(uri.name, uri.version)
    if isinstance(uri, AliasUri):
        return registry.get_model_version_by_alias(uri.name, uri.alias)
    if isinstance(uri, StageUri):
        found = next(iter(registry.get_latest_versions(uri.name, [uri.stage])), None)
    else:
        found = registry.get_latest_version(uri.name)
    if found is None:
        raise NotInStore("version of model", f"{uri.name}/{uri.stage}" if isinstance(uri, StageUri) else uri.name)
    return found


def _of_version(registry: Store, version: ModelVersion, path: str) -> Place:
    location = version.storage_location or version.source
    place = parse(location)
    if isinstance(place, (LoggedModelUri, RunUri)):
        inner = "/".join(filter(None, (place.path, path)))
        return locate(type(place)(*_key(place), inner))
    if not isinstance(place, (LocalPath, RemoteUri)):
        raise InvalidArgument(f"version {version.version} of {version.name!r} points at another version, {location!r}")
    artifacts = open_told(location, registry)
    made = str(version.creation_timestamp)
    return Place(artifacts, path, ("version", version.name, version.version, made, path, artifacts.uri))


def _key(uri: LoggedModelUri | RunUri) -> tuple[str]:
    return (uri.model_id if isinstance(uri, LoggedModelUri) else uri.run_id,)


def open_told(location: str, store: Store) -> Artifacts:
    """The files at a location that a store told; where the store was moved since, at the place where they are now."""
    place = parse(location)
    if isinstance(place, LocalPath) and not place.path.exists():
        return LocalArtifacts(_moved(place.path, store) or place.path)
    return open_artifacts(location, store.uri)


def _moved(path: Path, store: Store) -> Path | None:
    """Where a path of a store that was moved is now: stores write absolute paths, and keep the tail as it is."""
    base = _folder(store.uri)
    if base is None or ".." in path.parts:
        return None
    for at, part in enumerate(path.parts):
        if part in _ROOTS:
            tail = path.parts[at + 1 :]
            for root in (base, base / part):
                if root.joinpath(*tail).exists():
                    return root.joinpath(*tail)
    return None


def _folder(store: str) -> Path | None:
    """The folder of a store on this machine: its own, or the one that its database is in."""
    if store.startswith("sqlite:"):
        return Path(urlsplit(store).path.removeprefix("/")).absolute().parent
    place = None if "://" in store and not store.startswith("file:") else parse(store)
    return place.path.absolute() if isinstance(place, LocalPath) else None
