"""Logging a model: what ``log_model`` of every flavor does.

1. The store is told of a model that is PENDING. 2. The save pipeline writes the package, which says who it is: straight
into the store's folder where that is on this machine, whole or not at all, else into a private folder that is sent.
3. The model is READY, or FAILED. 4. Only then is it registered.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlpack.client import Client
from mlpack.client.transfer import write_folder
from mlpack.entities import LoggedModel
from mlpack.errors import MlpackError
from mlpack.flavor import Flavor
from mlpack.manifest import Model
from mlpack.models.info import ModelInfo
from mlpack.saving import SaveRequest, save
from mlpack.stores.artifacts import Artifacts
from mlpack.stores.base import NoLoggedModels
from mlpack.tracking.active import active_run, start_run
from mlpack.tracking.context import source_tags
from mlpack.tracking.experiments import current_experiment
from mlpack.tracking.recording import joined_uri
from mlpack.tracking.registering import register

#: The tag of a run by which MLflow's pages before 3 show its models, and what it says of each.
_HISTORY = "mlflow.log-model.history"
_TOLD = ("artifact_path", "run_id", "utc_time_created", "model_uuid", "flavors")


@dataclass(frozen=True)
class LogRequest:
    """What ``log_model`` is told beside what is saved."""

    name: str
    registered_model_name: str | None = None
    model_type: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Any] = field(default_factory=dict)


def log(flavor: Flavor[Any], model: Any, request: LogRequest, saving: SaveRequest) -> ModelInfo:
    """Log a model; see :meth:`mlpack.flavor.Flavor.log_model` for arguments and errors."""
    run = active_run()
    client = run.client if run else Client()
    try:
        logged = _announce(client, run.info.run_id if run else None, request)
    except NoLoggedModels:
        return _log_to_run(flavor, model, request, saving)
    identity = {
        "artifact_path": logged.artifact_location,
        "run_id": logged.source_run_id,
        "model_id": logged.model_id,
        "model_uuid": logged.model_id,
    }
    try:
        place = client.open_artifacts(logged.artifact_location)
        manifest = _store(flavor, model, replace(saving, identity=identity), place)
        client.finalize_logged_model(logged.model_id, "READY")
    except BaseException:
        with contextlib.suppress(Exception):  # the first error is the one to tell
            client.finalize_logged_model(logged.model_id, "FAILED")
        raise
    return _registered(client, ModelInfo.of(manifest, logged.model_uri), request)


def _announce(client: Client, run_id: str | None, request: LogRequest) -> LoggedModel:
    run = client.get_run(run_id) if run_id else None
    return client.create_logged_model(
        run.info.experiment_id if run else current_experiment(client),
        request.name,
        source_run_id=run_id,
        tags={**source_tags(), **request.tags},
        params={**request.params, **(run.data.params if run else {})},
        model_type=request.model_type,
    )


def _log_to_run(flavor: Flavor[Any], model: Any, request: LogRequest, saving: SaveRequest) -> ModelInfo:
    """As it was before MLflow 3: the package goes among the files of a run, which is started where there is none."""
    run = active_run() or start_run()
    info = run.client.get_run(run.info.run_id).info
    identity = {"artifact_path": request.name, "run_id": info.run_id}
    place = run.client.open_artifacts(joined_uri(info.artifact_uri, request.name))
    manifest = _store(flavor, model, replace(saving, identity=identity), place)
    history = json.loads(run.client.get_run(info.run_id).data.tags.get(_HISTORY, "[]"))
    told = {key: value for key, value in manifest.to_dict().items() if key in _TOLD}
    with contextlib.suppress(MlpackError):  # a tag that became too long is no reason to fail
        run.client.set_tag(info.run_id, _HISTORY, json.dumps([*history, told]))
    return _registered(run.client, ModelInfo.of(manifest, f"runs:/{info.run_id}/{request.name}"), request)


def _store(flavor: Flavor[Any], model: Any, saving: SaveRequest, place: Artifacts) -> Model:
    local = place.local()
    if local is not None:
        return save(flavor, model, local, saving)
    with tempfile.TemporaryDirectory(prefix="mlpack-") as folder:
        package = Path(folder, "model")
        manifest = save(flavor, model, package, saving)
        write_folder(place, package, "")
    return manifest


def _registered(client: Client, info: ModelInfo, request: LogRequest) -> ModelInfo:
    if request.registered_model_name is None:
        return info
    version = register(client, info.model_uri, request.registered_model_name, request.tags)
    return replace(info, registered_model_version=version.version)
