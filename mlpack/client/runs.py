"""Experiments and runs, by their ids."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from mlpack.client.base import Stores
from mlpack.client.run_names import random_run_name
from mlpack.entities import ACTIVE, DELETED, RUN_STATUSES, Experiment, Metric, Page, Param, Run, RunTag
from mlpack.errors import InvalidArgument
from mlpack.stores.filters import EXPERIMENTS, condition, ordered, paged

RUN_NAME, PARENT_RUN, USER = "mlflow.runName", "mlflow.parentRunId", "mlflow.user"


class ViewType(IntEnum):
    """Which runs or experiments a search is for; the numbers are MLflow's."""

    ACTIVE_ONLY = 1
    DELETED_ONLY = 2
    ALL = 3


class RunCalls(Stores):
    """The part of a client that is about experiments and runs.

    ``synchronous`` is for the sake of scripts written for MLflow: what is logged is stored when a call returns.
    """

    def get_experiment(self, experiment_id: str) -> Experiment:
        """The experiment of that id."""
        return self._tracking.get_experiment(experiment_id)

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """The experiment of that name, or None."""
        return self._tracking.get_experiment_by_name(name)

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int | None = None,
        filter_string: str | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> Page[Experiment]:
        """Experiments that fit ``filter_string`` (``name LIKE 'iris%'``), newest first; all that do unless told."""
        every = self._tracking.search_experiments(deleted=_deleted(view_type))
        found = ordered(filter(condition(filter_string, EXPERIMENTS), every), order_by or (), EXPERIMENTS)
        return paged(found, sys.maxsize if max_results is None else max_results, page_token)

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None
    ) -> str:
        """Make an experiment; its id. Its files go below ``artifact_location`` if given, else where the store says."""
        return self._tracking.create_experiment(name, artifact_location=artifact_location, tags=texts(tags))

    def get_run(self, run_id: str) -> Run:
        """The run of that id."""
        return self._tracking.get_run(run_id)

    def get_parent_run(self, run_id: str) -> Run | None:
        """The run that a run is nested in, or None."""
        parent = self.get_run(run_id).data.tags.get(PARENT_RUN)
        return None if parent is None else self.get_run(parent)

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        filter_string: str = "",
        run_view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> Page[Run]:
        """Runs that fit ``filter_string`` (``metrics.rmse < 1 and params.model = 'tree'``), newest first.

        ``order_by`` holds keys with an optional ``ASC`` or ``DESC``. The page's ``token`` asks for the next.
        """
        return self._tracking.search_runs(
            experiment_ids,
            filter_string=filter_string,
            deleted=_deleted(run_view_type),
            max_results=max_results,
            order_by=order_by or (),
            page_token=page_token,
        )

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: Mapping[str, Any] | None = None,
        run_name: str | None = None,
    ) -> Run:
        """Start a run, which nothing but :meth:`set_terminated` ends; times are in milliseconds since 1970."""
        known = texts(tags)
        name = run_name or known.get(RUN_NAME) or random_run_name()
        return self._tracking.create_run(
            experiment_id,
            run_name=name,
            user_id=known.get(USER, "unknown"),
            start_time=now() if start_time is None else start_time,
            tags={**known, RUN_NAME: name},
        )

    def update_run(self, run_id: str, status: str | None = None, name: str | None = None) -> None:
        """Change a run's status or name."""
        self._tracking.update_run(run_id, status=status and check_status(status), run_name=name)

    def set_terminated(self, run_id: str, status: str | None = None, end_time: int | None = None) -> None:
        """End a run, as ``FINISHED`` and now unless said otherwise."""
        ended = now() if end_time is None else end_time
        self._tracking.update_run(run_id, status=check_status(status or "FINISHED"), end_time=ended)

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted; its files stay."""
        self._tracking.set_run_lifecycle(run_id, DELETED)

    def restore_run(self, run_id: str) -> None:
        """Undo :meth:`delete_run`."""
        self._tracking.set_run_lifecycle(run_id, ACTIVE)

    def log_metric(
        self,
        run_id: str,
        key: str,
        value: Any,
        timestamp: int | None = None,
        step: int | None = None,
        synchronous: bool | None = None,
    ) -> None:
        """Add a value of a metric: anything that is one number, NaN and infinities included."""
        self.log_batch(run_id, metrics=[metric(key, value, timestamp, step)])

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """Every value of a metric, in the order of logging."""
        return self._tracking.get_metric_history(run_id, key)

    def log_param(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> Any:
        """Log a param as text; returns the value. A param that is there cannot change."""
        self.log_batch(run_id, params={key: value})
        return value

    def set_tag(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> None:
        """Set a tag as text."""
        self.log_batch(run_id, tags={key: value})

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag."""
        self._tracking.delete_tag(run_id, key)

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, Any] | Sequence[Param] | None = None,
        tags: Mapping[str, Any] | Sequence[RunTag] | None = None,
        synchronous: bool | None = None,
    ) -> None:
        """Add metrics, params and tags in one step."""
        self._tracking.log_batch(run_id, metrics=metrics, params=texts(params), tags=texts(tags))


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def texts(values: Mapping[str, Any] | Sequence[Param] | Sequence[RunTag] | None) -> dict[str, str]:
    """Params and tags as stores keep them."""
    given = values.items() if isinstance(values, Mapping) else ((one.key, one.value) for one in values or ())
    return {key: str(value) for key, value in given}


def metric(key: str, value: Any, timestamp: int | None = None, step: int | None = None) -> Metric:
    """A metric from a number, or an array or tensor that holds one; now and at step 0 unless said otherwise.

    Raises:
        InvalidArgument: ``value`` is not one number.
    """
    try:
        number = float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InvalidArgument(f"the metric {key!r} must be a number; it is {value!r}") from error
    return Metric(key, number, now() if timestamp is None else int(timestamp), 0 if step is None else int(step))


def check_status(status: str) -> str:
    """One of RUN_STATUSES; raises InvalidArgument otherwise."""
    if status not in RUN_STATUSES:
        raise InvalidArgument.unknown("status of a run", status, RUN_STATUSES)
    return status


def _deleted(view_type: int) -> bool | None:
    """What stores are asked for; None is for both."""
    if view_type not in list(ViewType):
        raise InvalidArgument(f"view type {view_type!r} is none of {', '.join(kind.name for kind in ViewType)}")
    return None if view_type == ViewType.ALL else view_type == ViewType.DELETED_ONLY
