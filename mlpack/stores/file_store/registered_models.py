"""Registered models: folders in the ``models`` of the root, with a file for each alias and tag.

Their meta.yaml repeats the aliases as a map, as MLflow writes it; the files are what counts, for MLflow too.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlpack.entities import Page, RegisteredModel
from mlpack.errors import AlreadyInStore, NotInStore
from mlpack.stores.file_store.disk import (
    has_meta,
    locked,
    make_folder,
    read_meta,
    read_values,
    told,
    write_meta,
    write_value,
)
from mlpack.stores.file_store.experiments import milliseconds
from mlpack.stores.file_store.logged_models import LoggedModels
from mlpack.stores.filters import REGISTERED_MODELS, condition, ordered, paged
from mlpack.stores.names import check_key, check_model_name


class RegisteredModels(LoggedModels):
    """The names of the registry."""

    def get_registered_model(self, name: str) -> RegisteredModel:
        """The registered model of that name."""
        folder = self._registered_folder(name)
        return self._registered_model(folder, read_meta(folder) or {})

    def search_registered_models(
        self,
        *,
        filter_string: str = "",
        max_results: int = 100,
        order_by: Sequence[str] = (),
        page_token: str | None = None,
    ) -> Page[RegisteredModel]:
        """Registered models that fit MLflow's filter language, by name unless ordered otherwise."""
        parent = self.root / "models"
        children = sorted(self._index.children(parent).items())
        models = (self._registered_model(parent / child, meta) for child, meta in children)
        fitting = filter(condition(filter_string, REGISTERED_MODELS), models)
        found = ordered(fitting, order_by, REGISTERED_MODELS) if order_by else fitting
        return paged(found, max_results, page_token)

    def create_registered_model(
        self, name: str, *, description: str | None = None, tags: Mapping[str, str] | None = None
    ) -> RegisteredModel:
        """Make a name; AlreadyInStore where it is taken."""
        for key in tags or {}:
            check_key("tag", key)
        folder = self.root / "models" / check_model_name(name)
        self._make_default()
        make_folder(folder.parent)
        with locked(folder.parent):
            if has_meta(folder):
                raise AlreadyInStore("registered model", name)
            now = milliseconds()
            meta = {
                "aliases": {},
                "creation_timestamp": now,
                "deployment_job_id": None,
                "deployment_job_state": None,
                "description": description,
                "last_updated_timestamp": now,
                "name": name,
                "workspace": "default",
            }
            make_folder(folder)
            write_meta(folder, meta)
            for key, value in (tags or {}).items():
                write_value(folder / "tags", key, value)
        return self._registered_model(folder, meta)

    def update_registered_model(self, name: str, *, description: str) -> RegisteredModel:
        """Change its description."""
        folder = self._registered_folder(name)
        with locked(folder):
            meta = self._touch(folder, description=description)
        return self._registered_model(folder, meta)

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Change its name."""
        folder = self._registered_folder(name)
        renamed = folder.parent / check_model_name(new_name)
        with locked(folder.parent), locked(folder):
            if renamed.exists():
                raise AlreadyInStore("registered model", new_name)
            with told(renamed):
                folder.rename(renamed)
            # What the files say is for MLflow; here the folder gives the name, so that a crash leaves no half of it.
            for version in self._index.children(renamed):
                write_meta(renamed / version, {**(read_meta(renamed / version) or {}), "name": new_name})
            meta = self._touch(renamed, name=new_name)
        return self._registered_model(renamed, meta)

    def delete_registered_model(self, name: str) -> None:
        """Remove a name with all its versions."""
        folder = self._registered_folder(name)
        with locked(folder.parent), locked(folder), told(folder):
            shutil.rmtree(folder)

    def _registered_folder(self, name: str) -> Path:
        folder = self.root / "models" / check_model_name(name)
        if not has_meta(folder):
            raise NotInStore("registered model", name)
        return folder

    def _registered_model(self, folder: Path, meta: Mapping[str, Any]) -> RegisteredModel:
        return RegisteredModel(
            name=folder.name,
            creation_timestamp=meta.get("creation_timestamp"),
            last_updated_timestamp=meta.get("last_updated_timestamp"),
            description=meta.get("description"),
            aliases=read_values(folder / "aliases"),
            tags=read_values(folder / "tags"),
            latest_versions=self.get_latest_versions(folder.name),
        )

    def _touch(self, folder: Path, **changes: Any) -> dict[str, Any]:
        """Write the meta.yaml of a registered model anew, whose folder is locked; what it then says."""
        meta = read_meta(folder)
        if meta is None:
            raise NotInStore("registered model", folder.name)
        meta.update(changes, aliases=read_values(folder / "aliases"), last_updated_timestamp=milliseconds())
        write_meta(folder, meta)
        return meta
