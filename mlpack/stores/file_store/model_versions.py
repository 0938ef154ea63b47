"""Versions of registered models: folders ``version-<number>``, which appear with all that is in them."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlpack.entities import STAGES, ModelVersion, Page
from mlpack.errors import InvalidArgument, NotInStore, StoreFailure
from mlpack.files import whole_folder
from mlpack.stores.file_store.disk import (
    locked,
    read_meta,
    read_value,
    read_values,
    remove_value,
    told,
    write_meta,
    write_value,
)
from mlpack.stores.file_store.experiments import milliseconds
from mlpack.stores.file_store.index import Meta
from mlpack.stores.file_store.registered_models import RegisteredModels
from mlpack.stores.filters import MODEL_VERSIONS, condition, ordered, paged
from mlpack.stores.names import VERSION, canonical_stage, check_alias, check_key, check_version
from mlpack.stores.uri import AliasUri, LatestUri, LoggedModelUri, StageUri, VersionUri, parse

_PREFIX = "version-"
_DELETED = "Deleted_Internal"  # the stage of a version that was deleted: its folder keeps the number taken
_ACTIVE_STAGES = ("Staging", "Production")
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY)


class ModelVersions(RegisteredModels):
    """The versions in the registry."""

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """One version."""
        folder = self._version_folder(self._registered_folder(name), version)
        return self._version(folder, read_meta(folder) or {})

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias names."""
        path = self._registered_folder(name) / "aliases" / check_alias(alias)
        version = read_value(path)
        if version is None:
            raise NotInStore("alias", f"{name}@{alias}")
        if not VERSION.fullmatch(version.strip()):
            raise StoreFailure(f"{path} holds no number of a version")
        return self.get_model_version(name, version.strip())

    def get_latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """The highest version in each stage; only of ``stages`` (any case) where some are given."""
        folder = self._registered_folder(name)
        wanted = {canonical_stage(stage) for stage in stages} or set(STAGES)
        # What names no stage is in the first one.
        holding = next(iter(wanted)) if len(wanted) == 1 and STAGES[0] not in wanted else ""
        highest: dict[str, tuple[Path, Meta]] = {}
        for child, meta in self._versions(folder, holding=holding):
            if meta.get("current_stage", "None") in wanted:
                highest.setdefault(str(meta.get("current_stage", "None")), (folder / child, meta))
        return [self._version(*highest[stage]) for stage in STAGES if stage in highest]

    def get_latest_version(self, name: str) -> ModelVersion | None:
        """The highest version that was not deleted, found by the names of the folders alone."""
        folder = self._registered_folder(name)
        for number in sorted(_numbers(folder), reverse=True):
            with contextlib.suppress(NotInStore):
                return self.get_model_version(name, str(number))
        return None

    def search_model_versions(
        self,
        *,
        filter_string: str = "",
        max_results: int = 10_000,
        order_by: Sequence[str] = (),
        page_token: str | None = None,
    ) -> Page[ModelVersion]:
        """Versions that fit MLflow's filter language, newest first unless ordered otherwise."""
        fits = condition(filter_string, MODEL_VERSIONS)
        parent = self.root / "models"
        found = []
        for name in self._index.children(parent):
            aliases = read_values(parent / name / "aliases")
            for child, meta in self._versions(parent / name):
                version = self._version(parent / name / child, meta, aliases)
                if fits(version):
                    found.append(version)
        found.sort(key=lambda version: (-(version.creation_timestamp or 0), version.name, -int(version.version)))
        return paged(ordered(found, order_by, MODEL_VERSIONS), max_results, page_token)

    def create_model_version(
        self,
        name: str,
        source: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
        run_link: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> ModelVersion:
        """Register a package as the next version of a name that exists."""
        for key in tags or {}:
            check_key("tag", key)
        folder = self._registered_folder(name)
        storage, run_id, model_id = self._origin(source, run_id, model_id)
        now = milliseconds()
        meta: dict[str, Any] = {
            "creation_timestamp": now,
            "current_stage": STAGES[0],
            "deployment_job_state": None,
            "description": description,
            "last_updated_timestamp": now,
            "model_id": model_id,
            "name": name,
            "run_id": run_id,
            "run_link": run_link,
            "source": source,
            "status": "READY",
            "status_message": None,
            "storage_location": storage,
            "user_id": None,
            "workspace": "default",
        }
        with locked(folder):
            made = _make_next(folder, meta, tags or {})
            self._touch(folder)
        return self._version(made, read_meta(made) or {})

    def update_model_version(self, name: str, version: str, *, description: str) -> ModelVersion:
        """Change its description."""
        return self._change(name, version, description=description)

    def transition_model_version_stage(
        self, name: str, version: str, stage: str, *, archive_existing_versions: bool = False
    ) -> ModelVersion:
        """Move a version to a stage."""
        stage = canonical_stage(stage)
        if archive_existing_versions and stage not in _ACTIVE_STAGES:
            raise InvalidArgument(f"versions are archived for {' and '.join(_ACTIVE_STAGES)} only, not for {stage}")
        moved = self._change(name, version, current_stage=stage)
        if archive_existing_versions:
            for child, meta in self._versions(self._registered_folder(name)):
                if meta.get("current_stage") == stage and child != _PREFIX + version:
                    self._change(name, child.removeprefix(_PREFIX), current_stage="Archived")
        return moved

    def delete_model_version(self, name: str, version: str) -> None:
        """Remove a version; its number is not given again."""
        for alias in self.get_model_version(name, version).aliases:
            self.delete_registered_model_alias(name, alias)
        self._change(name, version, current_stage=_DELETED)

    def set_registered_model_alias(self, name: str, alias: str, version: str) -> None:
        """Point an alias at a version, atomically."""
        check_alias(alias)
        folder = self._registered_folder(name)
        with locked(folder):
            self._version_folder(folder, version)
            write_value(folder / "aliases", alias, version)
            self._touch(folder)

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias; one that is not there is no error."""
        check_alias(alias)
        folder = self._registered_folder(name)
        with locked(folder):
            if remove_value(folder / "aliases", alias):
                self._touch(folder)

    def set_registry_tag(self, name: str, key: str, value: str, *, version: str | None = None) -> None:
        """Set a tag of a registered model, or of one of its versions."""
        folder, tags = self._tags(name, version)
        with locked(folder):
            write_value(tags, check_key("tag", key), value)
            self._touch(folder)

    def delete_registry_tag(self, name: str, key: str, *, version: str | None = None) -> None:
        """Remove a tag of a registered model, or of one of its versions."""
        folder, tags = self._tags(name, version)
        with locked(folder):
            if remove_value(tags, check_key("tag", key)):
                self._touch(folder)

    def _tags(self, name: str, version: str | None) -> tuple[Path, Path]:
        """The folder of a registered model, and that of its tags or of a version's."""
        folder = self._registered_folder(name)
        return folder, (folder if version is None else self._version_folder(folder, version)) / "tags"

    def _change(self, name: str, version: str, **changes: Any) -> ModelVersion:
        folder = self._registered_folder(name)
        with locked(folder):
            place = self._version_folder(folder, version)
            meta = {**(read_meta(place) or {}), **changes, "last_updated_timestamp": milliseconds()}
            write_meta(place, meta)
            self._touch(folder)
        return self._version(place, meta)

    def _origin(self, source: str, run_id: str | None, model_id: str | None) -> tuple[str, str | None, str | None]:
        """Where the files of what is registered are, its run and its logged model, as far as they are known."""
        place = parse(source)
        if isinstance(place, LoggedModelUri):
            model = self.get_logged_model(place.model_id)
            if model.status != "READY":
                raise InvalidArgument(f"the model {model.model_id} is {model.status}: its files may not all be there")
            location = f"{model.artifact_location}/{place.path}" if place.path else model.artifact_location
            return location, run_id or model.source_run_id, model_id or model.model_id
        if isinstance(place, VersionUri) and not place.path:
            other = self.get_model_version(place.name, place.version)
            return other.storage_location or other.source, run_id or other.run_id, model_id or other.model_id
        if isinstance(place, VersionUri | AliasUri | StageUri | LatestUri):
            raise InvalidArgument(f"{source!r} is no fixed version", tip="register models:/<name>/<number>")
        return source, run_id, model_id

    def _versions(self, folder: Path, *, holding: str = "") -> list[tuple[str, Meta]]:
        """The versions of a registered model that were not deleted, by folder, the highest number first."""
        known = {
            int(child.removeprefix(_PREFIX)): (child, meta)
            for child, meta in self._index.children(folder, holding=holding).items()
            if _number(child) and meta.get("current_stage") != _DELETED
        }
        return [known[number] for number in sorted(known, reverse=True)]

    def _version_folder(self, folder: Path, version: str) -> Path:
        place = folder / f"{_PREFIX}{check_version(version)}"
        if (read_meta(place) or {"current_stage": _DELETED}).get("current_stage") == _DELETED:
            raise NotInStore("model version", f"{folder.name}/{version}")
        return place

    def _version(self, folder: Path, meta: Meta, aliases: Mapping[str, str] | None = None) -> ModelVersion:
        """A version from its meta.yaml; ``aliases`` of the model, where they were read already."""
        number = folder.name.removeprefix(_PREFIX)
        if aliases is None:
            aliases = read_values(folder.parent / "aliases")
        source = str(meta.get("source") or "")
        return ModelVersion(
            name=folder.parent.name,
            version=number,
            source=source,
            storage_location=self._found_again(str(meta.get("storage_location") or source)),
            run_id=meta.get("run_id"),
            model_id=meta.get("model_id"),
            current_stage=str(meta.get("current_stage") or STAGES[0]),
            status=str(meta.get("status") or "READY"),
            description=meta.get("description"),
            user_id=meta.get("user_id"),
            run_link=meta.get("run_link"),
            status_message=meta.get("status_message"),
            creation_timestamp=meta.get("creation_timestamp"),
            last_updated_timestamp=meta.get("last_updated_timestamp"),
            aliases=sorted(alias for alias, named in aliases.items() if named.strip() == number),
            tags=read_values(folder / "tags"),
        )


def _number(child: str) -> int:
    """The number of a version's folder; 0 for another folder."""
    number = child.removeprefix(_PREFIX)
    return int(number) if child.startswith(_PREFIX) and VERSION.fullmatch(number) else 0


def _numbers(folder: Path) -> list[int]:
    """The numbers that are taken in the folder of a registered model, by deleted versions too."""
    with told(folder):
        return [number for number in map(_number, os.listdir(folder)) if number]  # noqa: PTH208 - a Path for each costs more


def _make_next(folder: Path, meta: Mapping[str, Any], tags: Mapping[str, str]) -> Path:
    """The folder of the next version, which appears with all its files in it.

    The lock of the model makes others wait. Where there are no locks, or MLflow registers at the same time, taking a
    number that is there fails, because no folder replaces one that holds something; then it is the next one's turn.
    """
    with told(folder):
        number = max(_numbers(folder), default=0) + 1
        while True:
            try:
                with whole_folder(folder / f"{_PREFIX}{number}") as part:
                    for key, value in tags.items():
                        write_value(part / "tags", key, value)
                    write_meta(part, {**meta, "version": number})
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
                number += 1
            else:
                return folder / f"{_PREFIX}{number}"
