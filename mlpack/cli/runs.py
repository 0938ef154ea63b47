"""``mlpack runs``: what was logged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from mlpack.cli import options
from mlpack.cli.console import say
from mlpack.cli.groups import Group
from mlpack.cli.tables import duration_text, pairs_text, size_text, table, time_text
from mlpack.stores.uri import without_credentials

if TYPE_CHECKING:
    from mlpack.client import Client
    from mlpack.entities import LoggedModel, Run
    from mlpack.stores.artifacts import ArtifactFile

#: How many metrics of each run the list has room for.
_METRICS = 3


@click.group(cls=Group)
def runs() -> None:
    """Look at runs and what they logged."""


@runs.command("list")
@click.option("--experiment", "experiments", multiple=True, metavar="NAME", help="runs of this one; may be repeated")
@click.option("--filter", "wanted", default="", metavar="FILTER", help="runs that fit, in MLflow's filter language")
@click.option("--order-by", multiple=True, metavar="KEY", help='"metrics.rmse DESC" or the like; may be repeated')
@click.option(
    "--max-results", type=click.IntRange(min=1), default=100, metavar="N", show_default=True, help="so many at most"
)
@options.tracking_uri
@options.as_json
def list_(
    experiments: tuple[str, ...], wanted: str, order_by: tuple[str, ...], max_results: int, as_json: bool
) -> None:
    """List runs, newest first.

    Those of all experiments, unless --experiment names some.

    \b
    Examples:
      mlpack runs list --max-results 10
      mlpack runs list --experiment iris --filter "metrics.accuracy > 0.9 and params.depth = '3'"
      mlpack runs list --order-by "metrics.accuracy DESC" --json | jq -r '.[0].info.run_id'
    """
    from mlpack.tracking import Client, search_runs

    found = search_runs(
        filter_string=wanted,
        max_results=max_results + 1,  # one more shows that there are more
        order_by=order_by,
        output_format="list",
        search_all_experiments=not experiments,
        experiment_names=experiments,
    )
    shown = found[:max_results]
    client = Client()
    if as_json:
        click.echo(json.dumps([_facts(run) for run in shown], indent=2))
    elif shown:
        names = {one.experiment_id: one.name for one in client.search_experiments()}
        asked = " ".join((wanted, *order_by))
        head = ("RUN ID", "NAME", "EXPERIMENT", "STATUS", "STARTED", "DURATION", "METRICS")
        click.echo(table((_row(run, names, asked) for run in shown), head))
    else:
        say(f"no such runs in {without_credentials(client.tracking_uri)}")
    if len(found) > max_results:
        say(f"there are more than these {max_results}: see --max-results and --filter")


@runs.command()
@click.argument("run_id")
@options.tracking_uri
@options.as_json
def show(run_id: str, as_json: bool) -> None:
    """Show all of a run.

    What it logged, its files and folders, and the models that it logged. Of each metric the latest value.

    \b
    Examples:
      mlpack runs show 1d3c6a0f9be94d1a8f5f1f9a2b7c8d90
      mlpack runs show 1d3c6a0f9be94d1a8f5f1f9a2b7c8d90 --json | jq .data.metrics
    """
    from mlpack.client import Client

    found = _Found.of(Client(), run_id)
    click.echo(found.to_json() if as_json else "\n\n".join(found.sections()))


@dataclass(frozen=True)
class _Found:
    """A run with what is stored of it; ``files`` are None where they cannot be listed."""

    run: Run
    experiment: str
    files: list[ArtifactFile] | None
    models: list[LoggedModel]

    @classmethod
    def of(cls, client: Client, run_id: str) -> _Found:
        run = client.get_run(run_id)
        experiment = client.get_experiment(run.info.experiment_id).name
        return cls(run, experiment, _files(client, run_id), _models(client, run))

    def to_json(self) -> str:
        facts = {
            **_facts(self.run),
            "artifacts": None if self.files is None else [_file(file) for file in self.files],
            "logged_models": [asdict(model) for model in self.models],
        }
        return json.dumps(facts, indent=2)

    def sections(self) -> Iterator[str]:
        info, data = self.run.info, self.run.data
        facts = {
            "run": info.run_id,
            "name": info.run_name,
            "experiment": f"{self.experiment} ({info.experiment_id})",
            "status": info.status if info.lifecycle_stage == "active" else f"{info.status}, {info.lifecycle_stage}",
            "user": info.user_id,
            "started": time_text(info.start_time),
            "duration": duration_text(info.start_time, info.end_time),
            "artifacts": without_credentials(info.artifact_uri),
        }
        yield table([(name, fact) for name, fact in facts.items() if fact])
        logged: Mapping[str, Mapping[str, object]] = {"METRIC": data.metrics, "PARAM": data.params, "TAG": data.tags}
        for head, values in logged.items():
            if values:
                yield table(sorted(values.items()), (head, "VALUE"))
        if self.files:
            yield table(map(_file_row, self.files), ("ARTIFACT", "SIZE"))
        if self.models:
            rows = [(one.name, one.model_id, one.status, time_text(one.creation_timestamp)) for one in self.models]
            yield table(rows, ("MODEL", "ID", "STATUS", "CREATED"))


def _files(client: Client, run_id: str) -> list[ArtifactFile] | None:
    """The files may be in another place than the run, and that one out of reach: no reason to show nothing."""
    from mlpack.errors import MlpackError

    try:
        return list(client.list_artifacts(run_id))
    except MlpackError as error:
        say(f"its artifacts cannot be listed: {error.message}", "WARNING")
        return None


def _models(client: Client, run: Run) -> list[LoggedModel]:
    from mlpack.stores.base import NoLoggedModels

    try:
        found = client.search_logged_models([run.info.experiment_id])
    except NoLoggedModels:
        return []
    return [model for model in found if model.source_run_id == run.info.run_id]


def _facts(run: Run) -> dict[str, Any]:
    from mlpack.entities import as_json_number

    metrics = {key: as_json_number(value) for key, value in run.data.metrics.items()}
    return {"info": asdict(run.info), "data": {**asdict(run.data), "metrics": metrics}}


def _file(file: ArtifactFile) -> dict[str, Any]:
    return {"path": file.path, "is_dir": file.is_dir, "file_size": file.file_size}


def _file_row(file: ArtifactFile) -> tuple[str, str | None]:
    return (
        (f"{file.path}/", None)
        if file.is_dir
        else (file.path, None if file.file_size is None else size_text(file.file_size))
    )


def _row(run: Run, experiments: Mapping[str, str], asked: str) -> tuple[str | None, ...]:
    info = run.info
    return (
        info.run_id,
        info.run_name,
        experiments.get(info.experiment_id, info.experiment_id),
        info.status,
        time_text(info.start_time),
        duration_text(info.start_time, info.end_time),
        _some(run.data.metrics, asked),
    )


def _some(metrics: Mapping[str, float], asked: str) -> str:
    """The few metrics that there is room for, those first that the filter or the order speaks of."""
    keys = sorted(metrics, key=lambda key: (f"metrics.{key}" not in asked, key))
    text = pairs_text({key: f"{metrics[key]:.4g}" for key in keys[:_METRICS]})
    return text if len(keys) <= _METRICS else f"{text}, and {len(keys) - _METRICS} more"
