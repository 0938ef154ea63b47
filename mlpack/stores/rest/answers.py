"""What a tracking server answers, as entities. Keys that are not known are passed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlpack.entities import (
    Experiment,
    LoggedModel,
    Metric,
    ModelVersion,
    RegisteredModel,
    Run,
    RunData,
    RunInfo,
)
from mlpack.stores.names import model_id_in

Json = Mapping[str, Any]

_LOGGED_MODEL_STATUS = {
    "LOGGED_MODEL_PENDING": "PENDING",
    "LOGGED_MODEL_READY": "READY",
    "LOGGED_MODEL_UPLOAD_FAILED": "FAILED",
}
#: The same towards the server.
STATUS_SENT = {short: long for long, short in _LOGGED_MODEL_STATUS.items()}


def pairs(entries: Iterable[Json] | None) -> dict[str, str]:
    """A list of keys and values as a mapping; an empty value may be left out."""
    return {entry["key"]: entry.get("value", "") for entry in entries or ()}


def listed(entries: Mapping[str, str] | None) -> list[dict[str, str]]:
    """A mapping as a list of keys and values."""
    return [{"key": key, "value": value} for key, value in (entries or {}).items()]


def experiment(found: Json) -> Experiment:
    """An experiment."""
    return Experiment(
        experiment_id=str(found["experiment_id"]),
        name=found.get("name", ""),
        artifact_location=found.get("artifact_location", ""),
        lifecycle_stage=found.get("lifecycle_stage", "active"),
        tags=pairs(found.get("tags")),
        creation_time=_integer(found.get("creation_time")),
        last_update_time=_integer(found.get("last_update_time")),
    )


def run(found: Json) -> Run:
    """A run with its data."""
    info, data = found["info"], found.get("data", {})
    return Run(
        RunInfo(
            run_id=info["run_id"],
            experiment_id=str(info["experiment_id"]),
            artifact_uri=info.get("artifact_uri", ""),
            run_name=info.get("run_name", ""),
            user_id=info.get("user_id", ""),
            status=info.get("status", "RUNNING"),
            start_time=_integer(info.get("start_time")),
            end_time=_integer(info.get("end_time")),
            lifecycle_stage=info.get("lifecycle_stage", "active"),
        ),
        RunData(
            # What JSON has no number for comes as a text: "NaN", "-Infinity".
            metrics={entry["key"]: float(entry.get("value", 0)) for entry in data.get("metrics", ())},
            params=pairs(data.get("params")),
            tags=pairs(data.get("tags")),
        ),
    )


def metric(found: Json) -> Metric:
    """One value of a metric."""
    step, timestamp = _integer(found.get("step")), _integer(found.get("timestamp"))
    return Metric(found["key"], float(found.get("value", 0)), timestamp or 0, step or 0)


def logged_model(found: Json) -> LoggedModel:
    """A logged model."""
    info, data = found["info"], found.get("data", {})
    return LoggedModel(
        model_id=info["model_id"],
        experiment_id=str(info["experiment_id"]),
        name=info.get("name", ""),
        artifact_location=info.get("artifact_uri", ""),
        status=_LOGGED_MODEL_STATUS.get(info.get("status", ""), "PENDING"),
        source_run_id=info.get("source_run_id") or None,
        creation_timestamp=_integer(info.get("creation_timestamp_ms")),
        last_updated_timestamp=_integer(info.get("last_updated_timestamp_ms")),
        model_type=info.get("model_type") or None,
        status_message=info.get("status_message") or None,
        tags=pairs(info.get("tags")),
        params=pairs(data.get("params")),
    )


def model_version(found: Json) -> ModelVersion:
    """A version; where its files are is asked separately."""
    return ModelVersion(
        name=found["name"],
        version=str(found["version"]),
        source=found.get("source", ""),
        run_id=found.get("run_id") or None,
        model_id=found.get("model_id") or model_id_in(found.get("source", "")),
        current_stage=found.get("current_stage", "None"),
        status=found.get("status", "READY"),
        description=found.get("description") or None,
        user_id=found.get("user_id") or None,
        run_link=found.get("run_link") or None,
        status_message=found.get("status_message") or None,
        creation_timestamp=_integer(found.get("creation_timestamp")),
        last_updated_timestamp=_integer(found.get("last_updated_timestamp")),
        aliases=tuple(found.get("aliases", ())),
        tags=pairs(found.get("tags")),
    )


def registered_model(found: Json) -> RegisteredModel:
    """A registered model with the highest version of each stage."""
    return RegisteredModel(
        name=found["name"],
        creation_timestamp=_integer(found.get("creation_timestamp")),
        last_updated_timestamp=_integer(found.get("last_updated_timestamp")),
        description=found.get("description") or None,
        aliases={entry["alias"]: str(entry["version"]) for entry in found.get("aliases", ())},
        tags=pairs(found.get("tags")),
        latest_versions=tuple(model_version(entry) for entry in found.get("latest_versions", ())),
    )


def _integer(value: Any) -> int | None:
    return None if value is None else int(value)
