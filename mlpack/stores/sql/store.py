"""A database that MLflow wrote as a store: everything can be read, nothing is ever written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NoReturn

from mlpack.entities import (
    ACTIVE,
    DELETED,
    STAGES,
    Experiment,
    LoggedModel,
    Metric,
    ModelVersion,
    Page,
    RegisteredModel,
    Run,
)
from mlpack.errors import NotInStore, StoreFailure
from mlpack.stores.base import Store
from mlpack.stores.filters import MODEL_VERSIONS, REGISTERED_MODELS, RUNS, condition, newest_first, ordered, paged
from mlpack.stores.names import canonical_stage
from mlpack.stores.sql import entities
from mlpack.stores.sql.database import LISTED, Row, open_database

#: MLflow keeps the row of a deleted version, in a stage of its own.
_GONE = "Deleted_Internal"
#: The columns that say whether something was deleted; None is for both.
_LIFECYCLE: Mapping[bool | None, Mapping[str, str]] = {
    False: {"lifecycle_stage": ACTIVE},
    True: {"lifecycle_stage": DELETED},
    None: {},
}
#: How many runs get their data by one query.
_TOGETHER = 500


class SqlStore(Store):
    """Runs, logged models and the registry in one database. Writing raises StoreFailure and says what to start."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self._database = open_database(uri)

    # --- experiments

    def get_experiment(self, experiment_id: str) -> Experiment:
        for row in self._database.rows("experiments", {"experiment_id": _number(experiment_id)}):
            return self._experiment(row)
        raise NotInStore("experiment", experiment_id)

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        return next((self._experiment(row) for row in self._database.rows("experiments", {"name": name})), None)

    def search_experiments(self, *, deleted: bool | None = False) -> list[Experiment]:
        found = [self._experiment(row) for row in self._database.rows("experiments", _LIFECYCLE[deleted])]
        return sorted(found, key=lambda one: (-(one.last_update_time or 0), -int(one.experiment_id)))

    def _experiment(self, row: Row) -> Experiment:
        tags = self._database.rows("experiment_tags", {"experiment_id": row["experiment_id"]})
        return entities.experiment(row, {tag["key"]: tag["value"] for tag in tags})

    # --- runs

    def get_run(self, run_id: str) -> Run:
        for run in self._runs(self._database.rows("runs", {"run_uuid": run_id})):
            return run
        raise NotInStore("run", run_id)

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
        among = ("experiment_id", [_number(experiment_id) for experiment_id in experiment_ids])
        rows = self._database.rows("runs", _LIFECYCLE[deleted], among=among, order="t.start_time DESC, t.run_uuid")
        runs: Iterable[Run] = filter(condition(filter_string, RUNS), self._runs(rows))
        if order_by or len(experiment_ids) > LISTED:
            runs = newest_first(runs, order_by)
        return paged(runs, max_results, page_token)

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        self.get_run(run_id)
        rows = self._database.rows("metrics", {"run_uuid": run_id, "key": key}, order="t.timestamp, t.step")
        return [entities.metric(row) for row in rows]

    def _runs(self, rows: Iterator[Row]) -> Iterator[Run]:
        while some := list(islice(rows, _TOGETHER)):
            among = ("run_uuid", [row["run_uuid"] for row in some])
            metrics: dict[str, dict[str, float]] = defaultdict(dict)
            for row in self._database.rows("latest_metrics", among=among):
                metrics[row["run_uuid"]][row["key"]] = entities.metric(row).value
            params = entities.grouped(self._database.rows("params", among=among), "run_uuid")
            tags = entities.grouped(self._database.rows("tags", among=among), "run_uuid")
            for row in some:
                run_id = row["run_uuid"]
                yield entities.run(row, metrics.get(run_id, {}), params.get((run_id,), {}), tags.get((run_id,), {}))

    # --- logged models

    def get_logged_model(self, model_id: str) -> LoggedModel:
        for row in self._database.rows("logged_models", {"model_id": model_id, "lifecycle_stage": "active"}):
            return self._logged_model(row)
        raise NotInStore("logged model", model_id)

    def search_logged_models(
        self, experiment_ids: Sequence[str], *, name: str | None = None, source_run_id: str | None = None
    ) -> list[LoggedModel]:
        wanted = {"name": name, "source_run_id": source_run_id}
        equal = {"lifecycle_stage": "active"} | {key: value for key, value in wanted.items() if value is not None}
        among = ("experiment_id", [_number(experiment_id) for experiment_id in experiment_ids])
        rows = self._database.rows("logged_models", equal, among=among)
        return sorted(map(self._logged_model, rows), key=lambda model: -(model.creation_timestamp or 0))

    def _logged_model(self, row: Row) -> LoggedModel:
        params = self._database.rows("logged_model_params", {"model_id": row["model_id"]})
        tags = self._database.rows("logged_model_tags", {"model_id": row["model_id"]})
        return entities.logged_model(
            row,
            {param["param_key"]: param["param_value"] or "" for param in params},
            {tag["tag_key"]: tag["tag_value"] or "" for tag in tags},
        )

    # --- registry

    def get_registered_model(self, name: str) -> RegisteredModel:
        for row in self._database.rows("registered_models", {"name": name}):
            return self._registered_model(row)
        raise NotInStore("registered model", name)

    def search_registered_models(
        self,
        *,
        filter_string: str = "",
        max_results: int = 100,
        order_by: Sequence[str] = (),
        page_token: str | None = None,
    ) -> Page[RegisteredModel]:
        rows = self._database.rows("registered_models", order="t.name")
        fitting = filter(condition(filter_string, REGISTERED_MODELS), map(self._registered_model, rows))
        found = ordered(fitting, order_by, REGISTERED_MODELS) if order_by else fitting
        return paged(found, max_results, page_token)

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        for found in self._versions({"name": name, "version": _number(version)}):
            return found
        raise NotInStore("model version", f"{name}/{version}")

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        for row in self._database.rows("registered_model_aliases", {"name": name, "alias": alias}):
            return self.get_model_version(name, str(row["version"]))
        raise NotInStore("alias", f"{name}@{alias}")

    def get_latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        latest: list[Row] = []
        for stage in map(canonical_stage, stages or STAGES):
            at = {"name": name, "current_stage": stage}
            latest += islice(self._database.rows("model_versions", at, order="t.version DESC"), 1)
        if not latest and not any(self._database.rows("registered_models", {"name": name})):
            raise NotInStore("registered model", name)
        return [self.get_model_version(name, str(version)) for version in sorted(row["version"] for row in latest)]

    def search_model_versions(
        self,
        *,
        filter_string: str = "",
        max_results: int = 10_000,
        order_by: Sequence[str] = (),
        page_token: str | None = None,
    ) -> Page[ModelVersion]:
        fitting = filter(condition(filter_string, MODEL_VERSIONS), self._versions({}))
        newest = sorted(fitting, key=lambda found: (-(found.creation_timestamp or 0), found.name, -int(found.version)))
        return paged(ordered(newest, order_by, MODEL_VERSIONS), max_results, page_token)

    def _versions(self, equal: Mapping[str, str | int]) -> Iterator[ModelVersion]:
        """The versions with these columns, which the tables of their tags and aliases have as well."""
        tags = entities.grouped(self._database.rows("model_version_tags", equal), "name", "version")
        aliases: dict[tuple[str, int], list[str]] = defaultdict(list)
        for row in self._database.rows("registered_model_aliases", equal):
            aliases[row["name"], row["version"]].append(row["alias"])
        for row in self._database.rows("model_versions", equal):
            if row["current_stage"] != _GONE:
                key = (row["name"], row["version"])
                yield entities.model_version(row, aliases.get(key, ()), tags.get(key, {}))

    def _registered_model(self, row: Row) -> RegisteredModel:
        name = row["name"]
        aliases = self._database.rows("registered_model_aliases", {"name": name})
        tags = self._database.rows("registered_model_tags", {"name": name})
        return entities.registered_model(
            row,
            {alias["alias"]: str(alias["version"]) for alias in aliases},
            {tag["key"]: tag["value"] or "" for tag in tags},
            self.get_latest_versions(name),
        )

    # --- what a database is not written for

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise StoreFailure(
            "a database of MLflow's is only read here: MLflow alone may change it",
            tip="start its server and set the tracking URI to that: mlflow server "
            f"--backend-store-uri {self._database.name} --host 127.0.0.1 --port 5000",
        )

    create_experiment = create_run = update_run = log_batch = delete_tag = set_run_lifecycle = _refuse
    create_logged_model = finalize_logged_model = set_logged_model_tags = _refuse
    create_registered_model = update_registered_model = rename_registered_model = delete_registered_model = _refuse
    create_model_version = update_model_version = transition_model_version_stage = delete_model_version = _refuse
    set_registered_model_alias = delete_registered_model_alias = set_registry_tag = delete_registry_tag = _refuse


def _number(text: str) -> int:
    """An id or a number of a version; -1, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
