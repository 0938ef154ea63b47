"""Logged models, which MLflow 3 has: folders in the ``models`` of an experiment, named as outputs by their run."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlpack.entities import DELETED, LoggedModel
from mlpack.errors import InvalidArgument, NotInStore
from mlpack.stores.file_store.disk import has_meta, make_folder, read_meta, read_values, told, write_meta, write_value
from mlpack.stores.file_store.experiments import milliseconds
from mlpack.stores.file_store.runs import Runs, change_meta, check_keys
from mlpack.stores.names import check_key, check_model_id

_STATUSES = ("UNSPECIFIED", "PENDING", "READY", "FAILED")
_NO_NAME = re.compile(r"""[/:.%"'\x00-\x1f]""")


class LoggedModels(Runs):
    """The logged models of a store."""

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """The logged model of that id."""
        folder = self._logged_model_folder(model_id)
        return self._logged_model(folder, read_meta(folder) or {})

    def search_logged_models(
        self, experiment_ids: Sequence[str], *, name: str | None = None, source_run_id: str | None = None
    ) -> list[LoggedModel]:
        """Logged models of experiments, newest first; all, or those of one name, or of one run."""
        found = []
        for experiment_id in experiment_ids:
            try:
                parent = self._experiment_folder(experiment_id) / "models"
            except NotInStore:
                continue
            for child, meta in self._index.children(parent, holding=source_run_id or "").items():
                wanted = name in (None, meta.get("name")) and source_run_id in (None, meta.get("source_run_id"))
                if wanted and meta.get("lifecycle_stage") != DELETED:
                    found.append(self._logged_model(parent / child, meta))
        return sorted(found, key=lambda model: (-(model.creation_timestamp or 0), model.model_id))

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
        """Announce a package that is going to be stored (PENDING), as an output of its run."""
        if not name or _NO_NAME.search(name):
            raise InvalidArgument(f"{name!r} cannot be the name of a model: it must hold none of / : . % \" '")
        check_keys((), params or (), tags or ())
        experiment = self._active_experiment(experiment_id)
        run = self._active_run(source_run_id) if source_run_id else None
        model_id = f"m-{uuid.uuid4().hex}"
        folder = self._experiment_folder(experiment_id) / "models" / model_id
        for part in ("metrics", "params", "tags"):
            make_folder(folder / part)
        for part, values in (("params", params), ("tags", tags)):
            for key, value in (values or {}).items():
                write_value(folder / part, key, value)
        now = milliseconds()
        meta = {
            "artifact_location": f"{experiment.artifact_location.rstrip('/')}/models/{model_id}/artifacts",
            "creation_timestamp": now,
            "experiment_id": experiment_id,
            "last_updated_timestamp": now,
            "model_id": model_id,
            "model_type": model_type,
            "name": name,
            "source_run_id": source_run_id,
            "status": _STATUSES.index("PENDING"),
            "status_message": None,
        }
        write_meta(folder, meta)
        if run:
            _name_as_output(run, model_id)
        return self._logged_model(folder, meta)

    def finalize_logged_model(self, model_id: str, status: str) -> LoggedModel:
        """Say that all its files are there (READY), or never will be (FAILED)."""
        if status not in _STATUSES:
            raise InvalidArgument.unknown("status", status, _STATUSES)
        changes = {"status": _STATUSES.index(status), "last_updated_timestamp": milliseconds()}
        folder = self._logged_model_folder(model_id)
        return self._logged_model(folder, change_meta(folder, lambda meta: meta.update(changes)))

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, str]) -> None:
        """Set tags of a logged model."""
        for key in tags:
            check_key("tag", key)
        folder = self._logged_model_folder(model_id)
        for key, value in tags.items():
            write_value(folder / "tags", key, value)

    def _logged_model_folder(self, model_id: str) -> Path:
        check_model_id(model_id)
        for experiment in self._experiment_folders():
            folder = experiment / "models" / model_id
            if has_meta(folder) and (read_meta(folder) or {}).get("lifecycle_stage") != DELETED:
                return folder
        raise NotInStore("logged model", model_id)

    def _logged_model(self, folder: Path, meta: Mapping[str, Any]) -> LoggedModel:
        status = int(meta.get("status") or 0)
        return LoggedModel(
            model_id=folder.name,
            experiment_id=folder.parent.parent.name,
            name=str(meta.get("name") or ""),
            artifact_location=self._found_again(str(meta.get("artifact_location") or (folder / "artifacts").as_uri())),
            status=_STATUSES[status] if 0 <= status < len(_STATUSES) else _STATUSES[0],
            source_run_id=meta.get("source_run_id"),
            creation_timestamp=meta.get("creation_timestamp"),
            last_updated_timestamp=meta.get("last_updated_timestamp"),
            model_type=meta.get("model_type"),
            status_message=meta.get("status_message"),
            tags=read_values(folder / "tags"),
            params=read_values(folder / "params"),
        )


def _name_as_output(run: Path, model_id: str) -> None:
    """MLflow takes every folder in ``outputs`` for an output, so the folder gets there with its file in it."""
    part = run / f".{model_id}.mlpack-part"
    make_folder(part)
    edge = {"source_type": "RUN_OUTPUT", "source_id": model_id, "destination_type": "MODEL_OUTPUT"}
    write_meta(part, {**edge, "destination_id": model_id, "step": 0, "tags": {}})
    make_folder(run / "outputs")
    with told(run / "outputs" / model_id):
        part.rename(run / "outputs" / model_id)
