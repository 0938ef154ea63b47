"""Experiments: folders with a meta.yaml in the root of the store, deleted ones in its ``.trash``."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlpack.entities import ACTIVE, DELETED, Experiment
from mlpack.errors import AlreadyInStore, InvalidArgument, NotInStore
from mlpack.stores.base import Store
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
from mlpack.stores.file_store.index import Index
from mlpack.stores.names import check_experiment_id, check_key
from mlpack.stores.uri import LocalPath, parse

DEFAULT_ID, DEFAULT_NAME = "0", "Default"
TRASH = ".trash"
#: Folders in the root, or in an experiment, that are no experiments, or no runs.
RESERVED = ("models", "tags", "datasets", "traces")


class Experiments(Store):
    """The experiments of a store, and where its folders are."""

    def __init__(self, uri: str, folder: Path) -> None:
        super().__init__(uri)
        self.root = folder.absolute()
        self._index = Index(self.root)

    def get_experiment(self, experiment_id: str) -> Experiment:
        """The experiment of that id."""
        folder = self._experiment_folder(experiment_id)
        return self._experiment(folder, read_meta(folder) or {})

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """The experiment of that name, deleted ones included, or None."""
        for parent in self._parents():
            for child, meta in self._index.children(parent).items():
                if meta.get("name") == name and child not in RESERVED:
                    return self._experiment(parent / child, meta)
        return None

    def search_experiments(self, *, deleted: bool | None = False) -> list[Experiment]:
        """All active (or all deleted, or with None simply all) experiments, newest first."""
        parents = {False: [self.root], True: [self.root / TRASH], None: self._parents()}[deleted]
        children = [
            (parent / child, meta) for parent in parents for child, meta in self._index.children(parent).items()
        ]
        found = [self._experiment(folder, meta) for folder, meta in children if folder.name not in RESERVED]
        return sorted(found, key=lambda experiment: (-(experiment.creation_time or 0), experiment.experiment_id))

    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] | None = None
    ) -> str:
        """Make an experiment; its id."""
        if not name or len(name) > 500 or "\0" in name:
            raise InvalidArgument(f"{name!r} cannot be the name of an experiment", tip="use 1 to 500 characters")
        for key in tags or {}:
            check_key("tag", key)
        if self._make_default() and name == DEFAULT_NAME:
            return DEFAULT_ID
        with locked(self.root):
            if self.get_experiment_by_name(name):
                raise AlreadyInStore("experiment", name)
            return self._make_experiment(str(random.randint(10**17, 10**18 - 1)), name, artifact_location, tags)  # noqa: S311

    def _active_experiment(self, experiment_id: str) -> Experiment:
        """An experiment that can be added to; the default one is made where it is asked for and not there."""
        if experiment_id == DEFAULT_ID:
            self._make_default()
        experiment = self.get_experiment(experiment_id)
        if experiment.lifecycle_stage != ACTIVE:
            raise InvalidArgument(f"the experiment {experiment.name!r} is deleted", tip="restore it, or name another")
        return experiment

    def _make_default(self) -> bool:
        """Make the experiment ``0`` where the store has none at all; whether it had to be made."""
        make_folder(self.root)
        if next(self._experiment_folders(), None):
            return False
        with locked(self.root):
            if next(self._experiment_folders(), None):
                return False
            self._make_experiment(DEFAULT_ID, DEFAULT_NAME, None, None)
        return True

    def _make_experiment(
        self, experiment_id: str, name: str, artifact_location: str | None, tags: Mapping[str, str] | None
    ) -> str:
        folder = self.root / experiment_id
        make_folder(folder)
        for key, value in (tags or {}).items():
            write_value(folder / "tags", key, value)
        now = milliseconds()
        meta: dict[str, Any] = {
            "artifact_location": _absolute(artifact_location) if artifact_location else folder.as_uri(),
            "creation_time": now,
            "effective_trace_archival_retention": None,
            "experiment_id": experiment_id,
            "last_update_time": now,
            "lifecycle_stage": ACTIVE,
            "name": name,
            "trace_location": None,
            "workspace": "default",
        }
        write_meta(folder, meta)
        return experiment_id

    def _experiment(self, folder: Path, meta: Mapping[str, Any]) -> Experiment:
        return Experiment(
            experiment_id=folder.name,
            name=str(meta.get("name", folder.name)),
            artifact_location=self._found_again(str(meta.get("artifact_location") or folder.as_uri()), shortest=1),
            lifecycle_stage=DELETED if folder.parent.name == TRASH else str(meta.get("lifecycle_stage", ACTIVE)),
            tags=read_values(folder / "tags"),
            creation_time=meta.get("creation_time"),
            last_update_time=meta.get("last_update_time"),
        )

    def _experiment_folder(self, experiment_id: str) -> Path:
        check_experiment_id(experiment_id)
        for parent in self._parents():
            if experiment_id not in RESERVED and has_meta(parent / experiment_id):
                return parent / experiment_id
        raise NotInStore("experiment", experiment_id)

    def _experiment_folders(self) -> Iterator[Path]:
        """The folders of all experiments, deleted ones last."""
        for parent in self._parents():
            with told(parent):
                names = sorted(os.listdir(parent)) if parent.is_dir() else []  # noqa: PTH208 - a Path for each costs more
            for name in names:
                if name not in RESERVED and has_meta(parent / name):
                    yield parent / name

    def _parents(self) -> tuple[Path, Path]:
        return self.root, self.root / TRASH

    def _found_again(self, location: str, *, shortest: int = 3) -> str:
        """A location as it was stored; where the store was moved since, the place in the store where it is now.

        That is looked for by the last parts of the location, at least ``shortest`` of them: an experiment, a run or
        ``models``, and what is in it.
        """
        try:
            place = parse(location)
        except InvalidArgument:
            return location
        if not isinstance(place, LocalPath) or place.path.exists() or ".." in place.path.parts:
            return location
        parts = place.path.parts
        tails = (parts[start:] for start in range(1, len(parts) - shortest + 1))
        places = (parent.joinpath(*tail) for tail in tails for parent in self._parents())
        return next((moved.as_uri() for moved in places if moved.exists()), location)


def milliseconds() -> int:
    """Now, as stores write it."""
    return time.time_ns() // 10**6


def _absolute(location: str) -> str:
    """A location that means the same from every folder."""
    place = parse(location)
    return place.path.absolute().as_uri() if isinstance(place, LocalPath) else location
