"""Registering a package: the name is made where it is missing, and only what is whole gets a version."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

from mlpack.client import Client
from mlpack.entities import LoggedModel, ModelVersion
from mlpack.errors import AlreadyInStore, InvalidPackage, PackageNotFound
from mlpack.files import MLMODEL
from mlpack.stores.uri import LocalPath, LoggedModelUri, RunUri, parse
from mlpack.tracking.recording import joined_uri

#: The tag of a logged model by which MLflow's pages show its versions.
_VERSIONS = "mlflow.modelVersions"


@dataclass(frozen=True)
class _Source:
    uri: str
    run_id: str | None = None
    model_id: str | None = None


def register_model(
    model_uri: str | PathLike[str],
    name: str,
    await_registration_for: int | None = None,
    *,
    tags: Mapping[str, Any] | None = None,
) -> ModelVersion:
    """Register the package at a URI as the next version of ``name``, which is made where it is missing.

    A version is ready when this returns, so ``await_registration_for``, which scripts for MLflow may give, changes
    nothing.

    Raises:
        PackageNotFound: nothing is at ``model_uri``, or it holds no MLmodel file.
        NotInStore: the run, logged model or version that it names is not there.
        InvalidPackage: the logged model is not READY.
        InvalidArgument: ``name`` cannot be the name of a model.
    """
    return register(Client(), fspath(model_uri), name, tags)


def register(client: Client, uri: str, name: str, tags: Mapping[str, Any] | None = None) -> ModelVersion:
    """:func:`register_model` in the stores of a client."""
    source = _source(client, uri)
    with contextlib.suppress(AlreadyInStore):
        client.create_registered_model(name)
    version = client.create_model_version(name, source.uri, run_id=source.run_id, tags=tags, model_id=source.model_id)
    if source.model_id:
        _tell_model(client, source.model_id, version)
    return version


def _source(client: Client, uri: str) -> _Source:
    """What a version records of the package at a URI, after a look whether it is whole."""
    place = parse(uri)
    if isinstance(place, RunUri):
        return _of_run(client, place)
    if isinstance(place, LoggedModelUri) and not place.path:
        return _of_model(client.get_logged_model(place.model_id))
    if isinstance(place, LocalPath):
        uri = place.path.absolute().as_uri()
    # A version of another name is recorded as such: the registry finds its files.
    if not uri.startswith("models:"):
        _check_whole(client, uri)
    return _Source(uri)


def _of_run(client: Client, place: RunUri) -> _Source:
    """The package among the files of a run, else its newest logged model of that name."""
    run = client.get_run(place.run_id)
    uri = joined_uri(run.info.artifact_uri, place.path)
    try:
        _check_whole(client, uri)
    except PackageNotFound:
        experiment = run.info.experiment_id
        for model in client.search_logged_models([experiment], name=place.path, source_run_id=place.run_id):
            return _of_model(model)
        raise
    return _Source(uri, run_id=place.run_id)


def _of_model(model: LoggedModel) -> _Source:
    if model.status != "READY":
        raise InvalidPackage(f"the logged model {model.model_id} is {model.status}, not READY", tip="log it again")
    return _Source(model.model_uri, run_id=model.source_run_id, model_id=model.model_id)


def _check_whole(client: Client, uri: str) -> None:
    if not any(file.path == MLMODEL for file in client.open_artifacts(uri).list()):
        raise PackageNotFound(f"{uri} holds no MLmodel file", tip="name the folder that holds the MLmodel file")


def _tell_model(client: Client, model_id: str, version: ModelVersion) -> None:
    known = json.loads(client.get_logged_model(model_id).tags.get(_VERSIONS, "[]"))
    entry = {"name": version.name, "version": version.version}
    client.set_logged_model_tags(model_id, {_VERSIONS: json.dumps([*known, entry])})
