"""The active run of each thread: started, nested, resumed and ended."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from mlpack.client import Client
from mlpack.client.runs import PARENT_RUN, RUN_NAME, check_status
from mlpack.entities import DELETED, Run
from mlpack.errors import InvalidArgument
from mlpack.tracking.context import source_tags
from mlpack.tracking.experiments import current_experiment

_NOTE = "mlflow.note.content"


@dataclass(frozen=True)
class ActiveRun(Run):
    """A run that is going on; as a context manager it ends it, as FAILED where the block raised."""

    #: The client of the store that the run is in, whatever store is configured later.
    client: Client = field(kw_only=True, repr=False, compare=False)

    def __enter__(self) -> ActiveRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _end(self.info.run_id, "FINISHED" if kind is None else "FAILED")


class _Active(threading.local):
    def __init__(self) -> None:
        self.runs: list[ActiveRun] = []
        self.last: ActiveRun | None = None


_active = _Active()


def start_run(  # noqa: PLR0913, PLR0917  as people know it from MLflow
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    description: str | None = None,
    log_system_metrics: bool | None = None,
) -> ActiveRun:
    """Start a run and make it the active one of this thread.

    ``run_id`` goes on with a run that is there instead. ``nested`` puts the run below the active one, ``parent_run_id``
    below another. What is returned is a context manager that ends the run. ``log_system_metrics``, which scripts for
    MLflow may give, is answered with a warning: they are not recorded.

    Raises:
        InvalidArgument: a run is active and ``nested`` is not set, or the run to go on with, or its parent, is deleted.
        NotInStore: there is no such run or experiment.
    """
    if _active.runs and not nested:
        raise InvalidArgument(
            f"the run {_active.runs[-1].info.run_id} is active", tip="end it first with end_run(), or pass nested=True"
        )
    if log_system_metrics:
        warnings.warn("metrics of the system are not recorded", stacklevel=2)
    client = Client()
    tags = dict(tags or {})
    if description:
        if _NOTE in tags:
            raise InvalidArgument(f"the description was given twice: as such, and as the tag {_NOTE}")
        tags[_NOTE] = description
    # Set by who starts a script for a run that is there already; it counts once.
    run_id = run_id or os.environ.pop("MLFLOW_RUN_ID", None)
    if run_id:
        run = _resumed(client, run_id, run_name, tags)
    else:
        parent = _parent(client, parent_run_id)
        tags = (
            source_tags() | tags | ({PARENT_RUN: parent} if parent else {}) | ({RUN_NAME: run_name} if run_name else {})
        )
        run = client.create_run(str(experiment_id or current_experiment(client)), tags=tags, run_name=run_name)
    _active.runs.append(ActiveRun(run.info, run.data, client=client))
    return _active.runs[-1]


def end_run(status: str = "FINISHED") -> None:
    """End the active run of this thread, if there is one."""
    if _active.runs:
        _end(_active.runs[-1].info.run_id, status)


def active_run() -> ActiveRun | None:
    """The active run of this thread, as it was when it started; None where there is none."""
    return _active.runs[-1] if _active.runs else None


def last_active_run() -> Run | None:
    """The active run of this thread, else the one that it ended last, as it is now; None where there was none."""
    if _active.last is None or _active.runs:
        return active_run()
    return _active.last.client.get_run(_active.last.info.run_id)


def target_run(run_id: str | None) -> tuple[Client, str]:
    """The run to log to, and the client to do it with: the one named, else the active one, else a new one."""
    if run_id is not None:
        return Client(), run_id
    run = active_run() or start_run()
    return run.client, run.info.run_id


def _resumed(client: Client, run_id: str, name: str | None, tags: Mapping[str, Any]) -> Run:
    if client.get_run(run_id).info.lifecycle_stage == DELETED:
        raise InvalidArgument(f"the run {run_id} is deleted", tip="restore it first, or start another")
    client.update_run(run_id, "RUNNING", name)
    if tags:
        client.log_batch(run_id, tags=tags)
    return client.get_run(run_id)


def _parent(client: Client, given: str | None) -> str | None:
    active = _active.runs[-1].info.run_id if _active.runs else None
    if given and active and given != active:
        raise InvalidArgument(f"the parent {given} is not the active run {active}", tip="end that one first")
    if given and client.get_run(given).info.lifecycle_stage == DELETED:
        raise InvalidArgument(f"the parent {given} is deleted", tip="restore it first")
    return given or active


def _end(run_id: str, status: str) -> None:
    """End a run and those that were left open in it; one that has ended already is let be."""
    check_status(status)
    while any(run.info.run_id == run_id for run in _active.runs):
        _active.last = _active.runs.pop()
        _active.last.client.set_terminated(_active.last.info.run_id, status)


def _end_all() -> None:
    with contextlib.suppress(Exception):  # the process ends, and there is nobody to tell
        while _active.runs:
            end_run()


def _forget() -> None:
    """A forked process does not own its parent's runs, and must not end them."""
    _active.runs, _active.last = [], None


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
