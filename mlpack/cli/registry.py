"""``mlpack registry``: registered models, and what names their versions."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from mlpack.cli import errors, options
from mlpack.cli.console import plain, say
from mlpack.cli.groups import Group
from mlpack.cli.tables import pairs_text, table, time_text
from mlpack.entities import STAGES
from mlpack.errors import InvalidArgument
from mlpack.stores.uri import without_credentials

if TYPE_CHECKING:
    from mlpack.entities import ModelVersion, RegisteredModel

_VERSION = click.IntRange(min=1)


@click.group(cls=Group)
def registry() -> None:
    """List, register, name and remove models.

    The registry is where the runs are, unless MLPACK_REGISTRY_URI or MLFLOW_REGISTRY_URI names another store.
    """


@registry.command("list")
@click.option("--filter", "wanted", default="", metavar="FILTER", help="models that fit, in MLflow's filter language")
@options.tracking_uri
@options.as_json
def list_(wanted: str, as_json: bool) -> None:
    """List the registered models.

    \b
    Examples:
      mlpack registry list
      mlpack registry list --filter "name LIKE 'iris%'"
    """
    from mlpack.client import Client

    client = Client()
    found = client.search_registered_models(wanted, max_results=sys.maxsize)
    if as_json:
        click.echo(json.dumps([asdict(model) for model in found], indent=2))
    elif found:
        click.echo(table(map(_row, found), ("NAME", "LATEST", "ALIASES", "STAGES", "CHANGED", "DESCRIPTION")))
    else:
        say(f"no such models in {without_credentials(client.registry_uri)}")


@registry.command()
@click.argument("name")
@options.tracking_uri
@options.as_json
def show(name: str, as_json: bool) -> None:
    """Show a registered model and all its versions.

    \b
    Examples:
      mlpack registry show iris
      mlpack registry show iris --json | jq -r .aliases.champion
    """
    from mlpack.client import Client

    client = Client()
    model = client.get_registered_model(name)
    quote = '"' if "'" in name else "'"
    versions = client.search_model_versions(f"name = {quote}{name}{quote}", max_results=sys.maxsize)
    versions.sort(key=lambda version: -int(version.version))
    if as_json:
        click.echo(json.dumps({**asdict(model), "versions": [asdict(version) for version in versions]}, indent=2))
    else:
        click.echo("\n\n".join(_sections(model, versions)))


@registry.command()
@click.argument("uri")
@click.argument("name")
@options.tracking_uri
def register(uri: str, name: str) -> None:
    """Register the package at URI as the next version of NAME.

    NAME is made where it is missing. The number of the version is printed.

    \b
    Examples:
      mlpack registry register runs:/1d3c6a0f9be94d1a8f5f1f9a2b7c8d90/model iris
      mlpack registry alias iris champion $(mlpack registry register my_model iris)
    """
    from mlpack.tracking import register_model

    version = register_model(uri, name)
    say(f"models:/{version.name}/{version.version} is {version.source}")
    click.echo(version.version)


@registry.command()
@click.argument("name")
@click.argument("alias")
@click.argument("version", type=_VERSION, required=False)
@click.option("--delete", is_flag=True, help="remove the alias")
@options.tracking_uri
def alias(name: str, alias: str, version: int | None, delete: bool) -> None:
    """Point ALIAS at a version of NAME, or remove it.

    \b
    Examples:
      mlpack registry alias iris champion 3
      mlpack registry alias iris champion --delete
    """
    from mlpack.client import Client

    if delete == (version is not None):
        raise click.UsageError("give a VERSION to point at, or --delete")
    client = Client()
    if version is None:
        client.get_model_version_by_alias(name, alias)  # to say so where there is none
        client.delete_registered_model_alias(name, alias)
        say(f"models:/{name}@{alias} is gone")
    else:
        client.set_registered_model_alias(name, alias, version)
        say(f"models:/{name}@{alias} is version {version}")


@registry.command()
@click.argument("name")
@click.argument("version", type=_VERSION)
@click.argument("stage", type=click.Choice(STAGES, case_sensitive=False))
@click.option("--archive-existing", is_flag=True, help="move the versions that are in that stage to Archived")
@options.tracking_uri
def stage(name: str, version: int, stage: str, archive_existing: bool) -> None:
    """Move a version of NAME to a stage.

    Stages are what there was before aliases; MLflow still reads them, and advises against them.

    \b
    Examples:
      mlpack registry stage iris 3 Production --archive-existing
    """
    from mlpack.client import Client

    moved = Client().transition_model_version_stage(name, version, stage, archive_existing)
    say(f"models:/{name}/{version} is in {moved.current_stage}")


@registry.command()
@click.argument("name")
@click.option("--version", type=_VERSION, metavar="N", help="remove this version only")
@click.option("--yes", is_flag=True, help="do not ask")
@options.tracking_uri
def delete(name: str, version: int | None, yes: bool) -> int:
    """Remove a registered model, or one of its versions.

    The packages themselves stay where they are.

    \b
    Examples:
      mlpack registry delete iris --version 3
      mlpack registry delete iris --yes
    """
    from mlpack.client import Client

    client = Client()
    if version is None:
        client.get_registered_model(name)
        what = f"{name} with all its versions"
    else:
        client.get_model_version(name, version)
        what = f"version {version} of {name}"
    if not (yes or _confirmed(what)):
        say("nothing was deleted")
        return errors.FAILED
    if version is None:
        client.delete_registered_model(name)
    else:
        client.delete_model_version(name, version)
    say(f"deleted {what}")
    return 0


def _confirmed(what: str) -> bool:
    if not sys.stdin.isatty():
        raise InvalidArgument(f"nobody is there to say whether to delete {what}", tip="say it with --yes")
    return click.confirm(f"Delete {plain(what)}?", err=True)


def _row(model: RegisteredModel) -> tuple[object, ...]:
    latest = max((int(version.version) for version in model.latest_versions), default=None)
    stages = {one.current_stage: one.version for one in model.latest_versions if one.current_stage != STAGES[0]}
    changed = time_text(model.last_updated_timestamp)
    return model.name, latest, pairs_text(model.aliases), pairs_text(stages), changed, model.description


def _sections(model: RegisteredModel, versions: Sequence[ModelVersion]) -> Iterator[str]:
    facts = {
        "model": model.name,
        "description": model.description,
        "created": time_text(model.creation_timestamp),
        "changed": time_text(model.last_updated_timestamp),
        "aliases": pairs_text(model.aliases),
        "tags": pairs_text(model.tags),
    }
    yield table([(name, fact) for name, fact in facts.items() if fact])
    if versions:
        head = ("VERSION", "ALIASES", "STAGE", "STATUS", "CREATED", "RUN", "SOURCE", "TAGS")
        yield table((_version_row(model, version) for version in versions), head)


def _version_row(model: RegisteredModel, version: ModelVersion) -> tuple[str | None, ...]:
    return (
        version.version,
        ", ".join(alias for alias, named in model.aliases.items() if named == version.version),
        version.current_stage,
        version.status,
        time_text(version.creation_timestamp),
        version.run_id,
        without_credentials(version.source),
        pairs_text(version.tags),
    )
