"""What stores hold: experiments, runs, logged models, registered models and their versions.

Names are those of MLflow's entities. Times are milliseconds since 1970, ids and version numbers are texts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

ACTIVE, DELETED = "active", "deleted"
RUN_STATUSES = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
STAGES = ("None", "Staging", "Production", "Archived")


@dataclass(frozen=True)
class Experiment:
    """A named group of runs; ``artifact_location`` is the URI below which its runs keep their files."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str = ACTIVE
    tags: Mapping[str, str] = field(default_factory=dict)
    creation_time: int | None = None
    last_update_time: int | None = None


@dataclass(frozen=True)
class Metric:
    """One value of a metric at one step."""

    key: str
    value: float
    timestamp: int
    step: int = 0


def as_json_number(value: float) -> float | str:
    """A value of a metric as MLflow has it in JSON, which knows no NaN and no infinity: those as text."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


@dataclass(frozen=True)
class Param:
    """One param, as ``Client.log_batch`` takes them; a mapping does as well."""

    key: str
    value: str


@dataclass(frozen=True)
class RunTag:
    """One tag of a run, as ``Client.log_batch`` takes them; a mapping does as well."""

    key: str
    value: str


@dataclass(frozen=True)
class RunInfo:
    """Which run, when, and where its files are; ``status`` is one of RUN_STATUSES."""

    run_id: str
    experiment_id: str
    artifact_uri: str
    run_name: str = ""
    user_id: str = ""
    status: str = "RUNNING"
    start_time: int | None = None
    end_time: int | None = None
    lifecycle_stage: str = ACTIVE


@dataclass(frozen=True)
class RunData:
    """What a run logged; of each metric the latest value."""

    metrics: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One execution, with what it logged."""

    info: RunInfo
    data: RunData = field(default_factory=RunData)


@dataclass(frozen=True)
class LoggedModel:
    """A package that a run (or nobody) logged, since MLflow 3; ``status`` is PENDING, READY or FAILED."""

    model_id: str
    experiment_id: str
    name: str
    artifact_location: str
    status: str = "READY"
    source_run_id: str | None = None
    creation_timestamp: int | None = None
    last_updated_timestamp: int | None = None
    model_type: str | None = None
    status_message: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def model_uri(self) -> str:
        """The URI that names the model."""
        return f"models:/{self.model_id}"


@dataclass(frozen=True)
class ModelVersion:
    """One version of a registered model; ``source`` is what was registered, ``storage_location`` its files."""

    name: str
    version: str
    source: str
    storage_location: str | None = None
    run_id: str | None = None
    model_id: str | None = None
    current_stage: str = "None"
    status: str = "READY"
    description: str | None = None
    user_id: str | None = None
    run_link: str | None = None
    status_message: str | None = None
    creation_timestamp: int | None = None
    last_updated_timestamp: int | None = None
    aliases: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RegisteredModel:
    """A name under which versions are registered; ``aliases`` map an alias to a version."""

    name: str
    creation_timestamp: int | None = None
    last_updated_timestamp: int | None = None
    description: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    latest_versions: Sequence[ModelVersion] = ()


class Page(list[T], Generic[T]):
    """A list that is a part of a longer one; ``token`` asks for the next part, and is None at the end."""

    def __init__(self, items: Iterable[T] = (), token: str | None = None) -> None:
        super().__init__(items)
        self.token = token
