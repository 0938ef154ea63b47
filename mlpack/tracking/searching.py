"""Finding runs: as a table for people, or as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from mlpack.client import Client, ViewType
from mlpack.entities import Run
from mlpack.errors import InvalidArgument, NotInStore
from mlpack.tracking.experiments import current_experiment

if TYPE_CHECKING:
    import pandas as pd

_PAGE = 10_000
_FORMATS = ("pandas", "list")


def get_run(run_id: str) -> Run:
    """The run of that id, with what it logged."""
    return Client().get_run(run_id)


def get_parent_run(run_id: str) -> Run | None:
    """The run that a run is nested in, or None."""
    return Client().get_parent_run(run_id)


def delete_run(run_id: str) -> None:
    """Mark a run as deleted; its files stay."""
    Client().delete_run(run_id)


@overload
def search_runs(
    experiment_ids: Sequence[str] | None = ...,
    filter_string: str = ...,
    run_view_type: int = ...,
    max_results: int = ...,
    order_by: Sequence[str] | None = ...,
    output_format: Literal["pandas"] = ...,
    search_all_experiments: bool = ...,
    experiment_names: Sequence[str] | None = ...,
) -> pd.DataFrame: ...
@overload
def search_runs(
    experiment_ids: Sequence[str] | None = ...,
    filter_string: str = ...,
    run_view_type: int = ...,
    max_results: int = ...,
    order_by: Sequence[str] | None = ...,
    *,
    output_format: Literal["list"],
    search_all_experiments: bool = ...,
    experiment_names: Sequence[str] | None = ...,
) -> list[Run]: ...
def search_runs(  # noqa: PLR0913, PLR0917  as people know it from MLflow
    experiment_ids: Sequence[str] | None = None,
    filter_string: str = "",
    run_view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int = 100_000,
    order_by: Sequence[str] | None = None,
    output_format: Literal["pandas", "list"] = "pandas",
    search_all_experiments: bool = False,
    experiment_names: Sequence[str] | None = None,
) -> pd.DataFrame | list[Run]:
    """Runs that fit ``filter_string`` (``metrics.rmse < 1 and params.model = 'tree'``), newest first unless ordered.

    They are looked for in experiments given by id or by name, in all of them, or in the current one. The table has a
    row for each run, and the columns ``run_id``, ``experiment_id``, ``status``, ``artifact_uri``, ``start_time``,
    ``end_time``, ``metrics.*``, ``params.*`` and ``tags.*``.

    Raises:
        InvalidArgument: the filter cannot be read, or ids and names are given.
        NotInStore: there is no experiment of one of the names.
    """
    if output_format not in _FORMATS:
        raise InvalidArgument.unknown("output format", output_format, _FORMATS)
    client = Client()
    where = _experiments(client, experiment_ids, experiment_names, every=search_all_experiments)
    found: list[Run] = []
    token = None
    while len(found) < max_results:
        size = min(_PAGE, max_results - len(found))
        # Asked for no experiments, too, a store says what is wrong with a filter.
        page = client.search_runs(where, filter_string, run_view_type, size, order_by, token)
        found += page
        token = page.token
        if not token:
            break
    return found if output_format == "list" else _table(found)


def _experiments(client: Client, ids: Sequence[str] | None, names: Sequence[str] | None, *, every: bool) -> list[str]:
    if ids and names:
        raise InvalidArgument("search_runs takes experiment_ids or experiment_names, and not both")
    if ids:
        return [str(experiment_id) for experiment_id in ids]
    if names:
        return [_id_of(client, name) for name in names]
    if every:
        return [experiment.experiment_id for experiment in client.search_experiments()]
    return [current_experiment(client)]


def _id_of(client: Client, name: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is None:
        raise NotInStore("experiment", name)
    return found.experiment_id


def _table(runs: Sequence[Run]) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {
        name: [getattr(run.info, name) for run in runs]
        for name in ("run_id", "experiment_id", "status", "artifact_uri")
    }
    for name in ("start_time", "end_time"):
        columns[name] = pd.to_datetime([getattr(run.info, name) for run in runs], unit="ms", utc=True)
    columns |= _spread("metrics", [run.data.metrics for run in runs], float("nan"))
    columns |= _spread("params", [run.data.params for run in runs], None)
    columns |= _spread("tags", [run.data.tags for run in runs], None)
    return pd.DataFrame(columns)


def _spread(kind: str, logged: Sequence[Mapping[str, Any]], missing: float | None) -> dict[str, list[Any]]:
    """A column for each key that any run has."""
    keys = dict.fromkeys(key for values in logged for key in values)
    return {f"{kind}.{key}": [values.get(key, missing) for values in logged] for key in keys}
