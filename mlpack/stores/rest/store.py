"""A running MLflow tracking server as a store: MLflow's REST API 2.0, as the releases 2.x and 3.x speak it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlpack.entities import Experiment, LoggedModel, Metric, Page, Run, as_json_number
from mlpack.errors import NotInStore
from mlpack.stores.base import NoLoggedModels
from mlpack.stores.rest import answers
from mlpack.stores.rest.client import Client, about, segment
from mlpack.stores.rest.refusals import NoSuchEndpoint
from mlpack.stores.rest.registry import Registry
from mlpack.stores.rest.session import Session

#: What one call of log-batch may carry.
_METRICS, _PARAMS, _TAGS, _ENTITIES = 1000, 100, 100, 1000
_VIEWS = {False: "ACTIVE_ONLY", True: "DELETED_ONLY", None: "ALL"}
_PAGE = 1000
_HISTORY_PAGE = 25_000
_MODELS_PAGE = 50
_RUN, _EXPERIMENT, _LOGGED_MODEL = "run", "experiment", "logged model"


class RestStore(Registry):
    """Everything at one server, which may be of a release that has no logged models."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        #: The connections to the server, which its proxied artifacts go through as well.
        self.session = Session(uri)
        self.client = Client(self.session)

    # --- experiments

    def get_experiment(self, experiment_id: str) -> Experiment:
        with about(_EXPERIMENT, experiment_id):
            found = self.client.get("/experiments/get", experiment_id=experiment_id)
            return answers.experiment(found["experiment"])

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        try:
            with about(_EXPERIMENT, name):
                found = self.client.get("/experiments/get-by-name", experiment_name=name)
                return answers.experiment(found["experiment"])
        except NotInStore:
            return None

    def search_experiments(self, *, deleted: bool | None = False) -> list[Experiment]:
        def ask(token: str | None) -> dict[str, Any]:
            body = {"max_results": _PAGE, "view_type": _VIEWS[deleted], "page_token": token}
            return self.client.send("/experiments/search", body)

        with about("experiments", ""):
            found = self.client.listed(ask, "experiments")
            return [answers.experiment(entry) for entry in found]

    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] | None = None
    ) -> str:
        body = {"name": name, "artifact_location": artifact_location, "tags": answers.listed(tags)}
        with about(_EXPERIMENT, name):
            return str(self.client.send("/experiments/create", body, repeatable=False)["experiment_id"])

    # --- runs

    def get_run(self, run_id: str) -> Run:
        with about(_RUN, run_id):
            return answers.run(self.client.get("/runs/get", run_id=run_id)["run"])

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
        body = {
            "experiment_ids": list(experiment_ids),
            "filter": filter_string,
            "run_view_type": _VIEWS[deleted],
            "max_results": max_results,
            "order_by": list(order_by),
            "page_token": page_token,
        }
        with about("runs", filter_string):
            found = self.client.send("/runs/search", body)
            return Page(
                tuple(answers.run(entry) for entry in found.get("runs", ())), found.get("next_page_token") or None
            )

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        def ask(token: str | None) -> dict[str, Any]:
            asked = {"run_id": run_id, "metric_key": key, "page_token": token}
            return self.client.get("/metrics/get-history", max_results=_HISTORY_PAGE, **asked)

        with about(_RUN, run_id):
            return [answers.metric(entry) for entry in self.client.listed(ask, "metrics")]

    def create_run(
        self, experiment_id: str, *, run_name: str, user_id: str, start_time: int, tags: Mapping[str, str]
    ) -> Run:
        body = {"experiment_id": experiment_id, "run_name": run_name, "user_id": user_id, "start_time": start_time}
        with about(_EXPERIMENT, experiment_id):
            found = self.client.send("/runs/create", {**body, "tags": answers.listed(tags)}, repeatable=False)
            return answers.run(found["run"])

    def update_run(
        self, run_id: str, *, status: str | None = None, end_time: int | None = None, run_name: str | None = None
    ) -> None:
        with about(_RUN, run_id):
            body = {"run_id": run_id, "status": status, "end_time": end_time, "run_name": run_name}
            self.client.send("/runs/update", body)

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        left = {"metrics": [_sent(metric) for metric in metrics]}
        left |= {"params": answers.listed(params), "tags": answers.listed(tags)}
        while any(left.values()):
            batch = {"params": left["params"][:_PARAMS], "tags": left["tags"][:_TAGS]}
            room = _ENTITIES - len(batch["params"]) - len(batch["tags"])
            batch["metrics"] = left["metrics"][: min(room, _METRICS)]
            left = {kind: entries[len(batch[kind]) :] for kind, entries in left.items()}
            with about(_RUN, run_id):
                self.client.send("/runs/log-batch", {"run_id": run_id, **batch})

    def delete_tag(self, run_id: str, key: str) -> None:
        with about("tag", key):
            self.client.send("/runs/delete-tag", {"run_id": run_id, "key": key}, repeatable=False)

    def set_run_lifecycle(self, run_id: str, stage: str) -> None:
        with about(_RUN, run_id):
            self.client.send("/runs/delete" if stage == "deleted" else "/runs/restore", {"run_id": run_id})

    # --- logged models

    def get_logged_model(self, model_id: str) -> LoggedModel:
        try:
            with about(_LOGGED_MODEL, model_id):
                found = self.client.get(f"/logged-models/{segment(model_id)}")
                return answers.logged_model(found["model"])
        except NoSuchEndpoint as error:
            raise NotInStore(
                _LOGGED_MODEL, model_id, tip="the server is older than MLflow 3, which has them"
            ) from error

    def search_logged_models(
        self, experiment_ids: Sequence[str], *, name: str | None = None, source_run_id: str | None = None
    ) -> list[LoggedModel]:
        if name is not None and "'" in name:  # MLflow gives a model no such name, and it would end the text
            return []
        named = None if name is None else f"name = '{name}'"

        def ask(token: str | None) -> dict[str, Any]:
            body = {"experiment_ids": list(experiment_ids), "filter": named, "page_token": token}
            return self.client.send("/logged-models/search", {**body, "max_results": _MODELS_PAGE})

        try:
            with about("logged models", name or ""):
                found = map(answers.logged_model, self.client.listed(ask, "models"))
                return [model for model in found if source_run_id in (None, model.source_run_id)]
        except NoSuchEndpoint:
            return []

    def create_logged_model(
        self,
        experiment_id: str,
        name: str,
        *,
        source_run_id: str | None,
        model_type: str | None = None,
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> LoggedModel:
        sent = answers.listed(params)
        body = {
            "experiment_id": experiment_id,
            "name": name,
            "model_type": model_type,
            "source_run_id": source_run_id,
            "params": sent[:_PARAMS],
            "tags": answers.listed(tags),
        }
        try:
            with about(_EXPERIMENT, experiment_id):
                found = self.client.send("/logged-models", body, repeatable=False)
                model = answers.logged_model(found["model"])
                for start in range(_PARAMS, len(sent), _PARAMS):
                    some = {"model_id": model.model_id, "params": sent[start : start + _PARAMS]}
                    self.client.send(f"/logged-models/{segment(model.model_id)}/params", some)
                if source_run_id:
                    output = {"model_id": model.model_id, "step": 0}
                    self.client.send("/runs/outputs", {"run_id": source_run_id, "models": [output]})
        except NoSuchEndpoint as error:
            raise NoLoggedModels(self.session.server) from error
        return model

    def finalize_logged_model(self, model_id: str, status: str) -> LoggedModel:
        with about(_LOGGED_MODEL, model_id):
            body = {"model_id": model_id, "status": answers.STATUS_SENT[status]}
            found = self.client.send(f"/logged-models/{segment(model_id)}", body, method="PATCH")
            return answers.logged_model(found["model"])

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, str]) -> None:
        with about(_LOGGED_MODEL, model_id):
            body = {"model_id": model_id, "tags": answers.listed(tags)}
            self.client.send(f"/logged-models/{segment(model_id)}/tags", body, method="PATCH")


def _sent(metric: Metric) -> dict[str, Any]:
    value = as_json_number(metric.value)
    return {"key": metric.key, "value": value, "timestamp": metric.timestamp, "step": metric.step}
