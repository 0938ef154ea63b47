"""Rows of MLflow's tables as entities. What a column of a later release would tell is left at its default."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

from mlpack.entities import Experiment, LoggedModel, Metric, ModelVersion, RegisteredModel, Run, RunData, RunInfo
from mlpack.stores.names import model_id_in
from mlpack.stores.sql.database import Row

_RUN_NAME = "mlflow.runName"
_LOGGED_MODEL_STATUS = {1: "PENDING", 2: "READY", 3: "FAILED"}


def grouped(rows: Iterable[Row], *by: str) -> Mapping[tuple[object, ...], dict[str, str]]:
    """Keys and values (of params or tags) by the columns of what they belong to; of one that has none, nothing."""
    groups: dict[tuple[object, ...], dict[str, str]] = defaultdict(dict)
    for row in rows:
        groups[tuple(row[column] for column in by)][row["key"]] = row["value"] or ""
    return groups


def experiment(row: Row, tags: Mapping[str, str]) -> Experiment:
    """From ``experiments``."""
    return Experiment(
        experiment_id=str(row["experiment_id"]),
        name=row["name"],
        artifact_location=row["artifact_location"] or "",
        lifecycle_stage=row["lifecycle_stage"],
        tags=tags,
        creation_time=row.get("creation_time"),
        last_update_time=row.get("last_update_time"),
    )


def run(row: Row, metrics: Mapping[str, float], params: Mapping[str, str], tags: Mapping[str, str]) -> Run:
    """From ``runs``."""
    info = RunInfo(
        run_id=row["run_uuid"],
        experiment_id=str(row["experiment_id"]),
        artifact_uri=row["artifact_uri"] or "",
        run_name=row["name"] or tags.get(_RUN_NAME, ""),
        user_id=row["user_id"] or "",
        status=row["status"],
        start_time=row["start_time"],
        end_time=row["end_time"],
        lifecycle_stage=row["lifecycle_stage"],
    )
    return Run(info, RunData(metrics, params, tags))


def metric(row: Row) -> Metric:
    """From ``metrics`` and ``latest_metrics``, where a column of its own says that a value is not a number."""
    return Metric(row["key"], math.nan if row["is_nan"] else float(row["value"]), row["timestamp"], row["step"])


def logged_model(row: Row, params: Mapping[str, str], tags: Mapping[str, str]) -> LoggedModel:
    """From ``logged_models``."""
    return LoggedModel(
        model_id=row["model_id"],
        experiment_id=str(row["experiment_id"]),
        name=row["name"],
        artifact_location=row["artifact_location"],
        status=_LOGGED_MODEL_STATUS.get(row["status"], "PENDING"),
        source_run_id=row["source_run_id"] or None,
        creation_timestamp=row["creation_timestamp_ms"],
        last_updated_timestamp=row["last_updated_timestamp_ms"],
        model_type=row["model_type"] or None,
        status_message=row["status_message"] or None,
        tags=tags,
        params=params,
    )


def model_version(row: Row, aliases: Iterable[str], tags: Mapping[str, str]) -> ModelVersion:
    """From ``model_versions``."""
    source = row["source"] or ""
    return ModelVersion(
        name=row["name"],
        version=str(row["version"]),
        source=source,
        storage_location=row.get("storage_location") or None,
        run_id=row["run_id"] or None,
        model_id=model_id_in(source),
        current_stage=row["current_stage"],
        status=row["status"],
        description=row["description"] or None,
        user_id=row["user_id"] or None,
        run_link=row.get("run_link") or None,
        status_message=row["status_message"] or None,
        creation_timestamp=row["creation_time"],
        last_updated_timestamp=row["last_updated_time"],
        aliases=tuple(aliases),
        tags=tags,
    )


def registered_model(
    row: Row, aliases: Mapping[str, str], tags: Mapping[str, str], latest: Iterable[ModelVersion]
) -> RegisteredModel:
    """From ``registered_models``."""
    return RegisteredModel(
        name=row["name"],
        creation_timestamp=row["creation_time"],
        last_updated_timestamp=row["last_updated_time"],
        description=row["description"] or None,
        aliases=aliases,
        tags=tags,
        latest_versions=tuple(latest),
    )
