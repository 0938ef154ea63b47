"""Logged models: the packages that MLflow 3 lists beside the runs that made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlpack.client.base import Stores
from mlpack.client.runs import texts
from mlpack.entities import LoggedModel


class LoggedModelCalls(Stores):
    """The part of a client that is about logged models."""

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """The logged model of that id (``m-...``)."""
        return self._tracking.get_logged_model(model_id)

    def search_logged_models(
        self, experiment_ids: Sequence[str], *, name: str | None = None, source_run_id: str | None = None
    ) -> list[LoggedModel]:
        """The logged models of experiments, newest first; all, or those of one name, or of one run."""
        return self._tracking.search_logged_models(experiment_ids, name=name, source_run_id=source_run_id)

    def create_logged_model(
        self,
        experiment_id: str,
        name: str,
        source_run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        model_type: str | None = None,
    ) -> LoggedModel:
        """Announce a model: it is PENDING until :meth:`finalize_logged_model`."""
        return self._tracking.create_logged_model(
            experiment_id,
            name,
            source_run_id=source_run_id,
            model_type=model_type,
            params=texts(params),
            tags=texts(tags),
        )

    def finalize_logged_model(self, model_id: str, status: str) -> LoggedModel:
        """Say that all files of a model are there (``READY``), or never will be (``FAILED``)."""
        return self._tracking.finalize_logged_model(model_id, status)

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, Any]) -> None:
        """Set tags of a logged model."""
        self._tracking.set_logged_model_tags(model_id, texts(tags))
