"""Which experiment new runs go to."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from mlpack.client import Client, ViewType
from mlpack.entities import ACTIVE, Experiment
from mlpack.errors import AlreadyInStore, InvalidArgument, NotInStore

#: The experiment that every store has.
DEFAULT = "0"


class _Chosen:
    """What set_experiment chose: an id means nothing in another store, so the store's URI is kept with it."""

    store: str | None = None
    experiment_id: str = DEFAULT


def set_experiment(experiment_name: str | None = None, experiment_id: str | None = None) -> Experiment:
    """Have the runs that start from now on go to an experiment; one of that name is made where there is none.

    Raises:
        InvalidArgument: both or neither of name and id are given, or the experiment is deleted.
        NotInStore: there is no experiment of that id.
    """
    if (experiment_name is None) == (experiment_id is None):
        raise InvalidArgument("set_experiment takes a name or an id, and not both")
    client = Client()
    if experiment_id is None:
        experiment_id = _named(client, str(experiment_name))
    experiment = client.get_experiment(str(experiment_id))
    if experiment.lifecycle_stage != ACTIVE:
        raise InvalidArgument(f"the experiment {experiment.name!r} is deleted", tip="restore it, or use another name")
    _Chosen.store, _Chosen.experiment_id = client.tracking_uri, experiment.experiment_id
    return experiment


def current_experiment(client: Client) -> str:
    """The id of the experiment for new runs: as set, else as MLFLOW_EXPERIMENT_NAME or _ID say, else the default."""
    if client.tracking_uri == _Chosen.store:
        return _Chosen.experiment_id
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME")
    if name:
        return _named(client, name)
    return os.environ.get("MLFLOW_EXPERIMENT_ID") or DEFAULT


def create_experiment(name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None) -> str:
    """Make an experiment; its id. Raises AlreadyInStore where the name is taken."""
    return Client().create_experiment(name, artifact_location, tags)


def get_experiment(experiment_id: str) -> Experiment:
    """The experiment of that id; raises NotInStore where there is none."""
    return Client().get_experiment(experiment_id)


def get_experiment_by_name(name: str) -> Experiment | None:
    """The experiment of that name, or None."""
    return Client().get_experiment_by_name(name)


def search_experiments(
    view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[Experiment]:
    """Experiments that fit ``filter_string`` (``name LIKE 'iris%'``), newest first; all that do unless told."""
    return list(Client().search_experiments(view_type, max_results, filter_string, order_by))


def _named(client: Client, name: str) -> str:
    """The id of the experiment of that name, made where there is none, by us or by another at this moment."""
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return client.create_experiment(name)
        except AlreadyInStore:
            found = client.get_experiment_by_name(name)
    if found is None:
        raise NotInStore("experiment", name)
    return found.experiment_id
