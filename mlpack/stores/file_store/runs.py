"""Runs: folders in their experiment, each with files for params, metrics and tags; its meta.yaml is written last."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from mlpack.entities import ACTIVE, DELETED, RUN_STATUSES, Metric, Page, Run, RunData, RunInfo
from mlpack.errors import InvalidArgument, NotInStore
from mlpack.stores.file_store.disk import (
    META,
    append_metrics,
    has_meta,
    locked,
    make_folder,
    read_meta,
    read_metrics,
    read_value,
    read_values,
    remove_value,
    told,
    write_meta,
    write_value,
)
from mlpack.stores.file_store.experiments import RESERVED, Experiments, milliseconds
from mlpack.stores.filters import RUNS, condition, newest_first, paged
from mlpack.stores.names import check_key, check_run_id

RUN_NAME_TAG = "mlflow.runName"
_ACTIVE_LINE = re.compile(f"^lifecycle_stage: {ACTIVE}$", re.MULTILINE)
_SAME_IN_EVERY_RUN = {"entry_point_name": "", "source_name": "", "source_type": 4, "source_version": "", "tags": []}


class Runs(Experiments):
    """The runs of a store."""

    def get_run(self, run_id: str) -> Run:
        """The run of that id, deleted ones included."""
        folder = self._run_folder(run_id)
        return self._run(folder, read_meta(folder) or {})

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        *,
        filter_string: str = "",
        deleted: bool | None = False,
        max_results: int = 1000,
        order_by: Sequence[str] = (),
        page_token: str | None = None,
    ) -> Page[Run]:
        """Runs that fit MLflow's filter language, newest first unless ordered otherwise; with None deleted ones too."""
        fits = condition(filter_string, RUNS)
        by_data = bool(filter_string.strip() or order_by)
        stages = {False: (ACTIVE,), True: (DELETED,), None: (ACTIVE, DELETED)}[deleted]
        found: dict[str, tuple[Path, Mapping[str, Any]]] = {}
        for experiment_id in experiment_ids:
            try:
                parent = self._experiment_folder(experiment_id)
            except NotInStore:
                continue
            for child, meta in self._index.children(parent).items():
                if child not in RESERVED and meta.get("lifecycle_stage", ACTIVE) in stages:
                    found[child] = parent / child, meta
        # Params, metrics and tags are many small files: read of all runs only where the choice depends on them.
        infos = (self._run(*at, with_data=by_data) for at in found.values())
        ordered = newest_first((run for run in infos if fits(run)), order_by)
        page = paged(ordered, max_results, page_token)
        return page if by_data else Page(tuple(self._run(*found[run.info.run_id]) for run in page), page.token)

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """Every value of a metric, in the order of logging."""
        return read_metrics(self._run_folder(run_id) / "metrics" / check_key("metric", key), key)

    def create_run(
        self, experiment_id: str, *, run_name: str, user_id: str, start_time: int, tags: Mapping[str, str]
    ) -> Run:
        """Start a run."""
        experiment = self._active_experiment(experiment_id)
        tags = {**tags, RUN_NAME_TAG: run_name}
        check_keys((), (), tags)
        run_id = uuid.uuid4().hex
        folder = self._experiment_folder(experiment_id) / run_id
        for part in ("metrics", "params", "artifacts", "tags"):
            make_folder(folder / part)
        for key, value in tags.items():
            write_value(folder / "tags", key, value)
        meta: dict[str, Any] = {
            **_SAME_IN_EVERY_RUN,
            "artifact_uri": f"{experiment.artifact_location.rstrip('/')}/{run_id}/artifacts",
            "deleted_time": None,
            "end_time": None,
            "experiment_id": experiment_id,
            "lifecycle_stage": ACTIVE,
            "run_id": run_id,
            "run_name": run_name,
            "run_uuid": run_id,  # MLflow 2 reads no run without
            "start_time": start_time,
            "status": RUN_STATUSES.index("RUNNING") + 1,
            "user_id": user_id,
        }
        write_meta(folder, meta)
        return self._run(folder, meta)

    def update_run(
        self, run_id: str, *, status: str | None = None, end_time: int | None = None, run_name: str | None = None
    ) -> None:
        """Change a run's status, end or name."""
        if status is not None and status not in RUN_STATUSES:
            raise InvalidArgument.unknown("status", status, RUN_STATUSES)
        changes = {
            "status": RUN_STATUSES.index(status) + 1 if status else None,
            "end_time": end_time,
            "run_name": run_name,
        }
        folder = self._active_run(run_id)
        if run_name is not None:
            write_value(folder / "tags", RUN_NAME_TAG, run_name)
        change_meta(folder, lambda meta: meta.update({key: to for key, to in changes.items() if to is not None}))

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Add metrics, params and tags to a run. A param cannot change: another value is an InvalidArgument."""
        check_keys([metric.key for metric in metrics], params or (), tags or ())
        folder = self._active_run(run_id)
        if params:
            _write_params(folder, params)
        for key, values in groupby(sorted(metrics, key=lambda metric: metric.key), lambda metric: metric.key):
            append_metrics(folder / "metrics" / key, list(values))
        for key, value in (tags or {}).items():
            write_value(folder / "tags", key, value)
        if tags and RUN_NAME_TAG in tags:
            self.update_run(run_id, run_name=tags[RUN_NAME_TAG])

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag of a run."""
        if not remove_value(self._active_run(run_id) / "tags", check_key("tag", key)):
            raise NotInStore("tag", key)

    def set_run_lifecycle(self, run_id: str, stage: str) -> None:
        """Delete or restore a run: ``deleted`` or ``active``."""
        if stage not in (ACTIVE, DELETED):
            raise InvalidArgument.unknown("lifecycle stage", stage, (ACTIVE, DELETED))
        deleted_time = milliseconds() if stage == DELETED else None
        change_meta(
            self._run_folder(run_id), lambda meta: meta.update(lifecycle_stage=stage, deleted_time=deleted_time)
        )

    def _run_folder(self, run_id: str) -> Path:
        check_run_id(run_id)
        for experiment in self._experiment_folders():
            if has_meta(experiment / run_id):
                return experiment / run_id
        raise NotInStore("run", run_id)

    def _active_run(self, run_id: str) -> Path:
        folder = self._run_folder(run_id)
        # A loop that logs comes here at every step, and reading the YAML would be most of the work.
        active = _ACTIVE_LINE.search(read_value(folder / META) or "")
        if not active and (read_meta(folder) or {}).get("lifecycle_stage", ACTIVE) != ACTIVE:
            raise InvalidArgument(f"the run {run_id} is deleted", tip="restore it first")
        return folder

    def _run(self, folder: Path, meta: Mapping[str, Any], *, with_data: bool = True) -> Run:
        name = str(meta.get("run_name") or "") or read_value(folder / "tags" / RUN_NAME_TAG) or ""
        status = int(meta.get("status") or 1)
        info = RunInfo(
            run_id=folder.name,
            experiment_id=folder.parent.name,
            artifact_uri=self._found_again(str(meta.get("artifact_uri") or (folder / "artifacts").as_uri())),
            run_name=name,
            user_id=str(meta.get("user_id") or ""),
            status=RUN_STATUSES[status - 1] if 0 < status <= len(RUN_STATUSES) else RUN_STATUSES[0],
            start_time=meta.get("start_time"),
            end_time=meta.get("end_time"),
            lifecycle_stage=str(meta.get("lifecycle_stage", ACTIVE)),
        )
        return Run(info, _data(folder) if with_data else RunData())


def change_meta(folder: Path, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Change what the meta.yaml of a folder says, so that no other process changes it meanwhile; what it then says."""
    with locked(folder):
        meta = read_meta(folder)
        if meta is None:
            raise NotInStore("folder", str(folder))
        change(meta)
        write_meta(folder, meta)
    return meta


def check_keys(metrics: Iterable[str], params: Iterable[str], tags: Iterable[str]) -> None:
    """Raise InvalidArgument for a key that cannot be a file; before anything is written."""
    for kind, keys in (("metric", metrics), ("param", params), ("tag", tags)):
        for key in keys:
            check_key(kind, key)


def _data(folder: Path) -> RunData:
    metrics = {}
    for key in sorted(path.relative_to(folder / "metrics").as_posix() for path in _files(folder / "metrics")):
        values = read_metrics(folder / "metrics" / key, key)
        if values:
            metrics[key] = max(values, key=lambda metric: (metric.step, metric.timestamp, metric.value)).value
    return RunData(metrics=metrics, params=read_values(folder / "params"), tags=read_values(folder / "tags"))


def _files(folder: Path) -> list[Path]:
    with told(folder):
        return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


def _write_params(folder: Path, params: Mapping[str, str]) -> None:
    with locked(folder):
        for key, value in params.items():
            logged = read_value(folder / "params" / key)
            if logged is not None and logged != value:
                raise InvalidArgument(
                    f"the param {key!r} is {logged!r} already and cannot become {value!r}",
                    tip="log it under another key, or start another run",
                )
        for key, value in params.items():
            write_value(folder / "params", key, value)
