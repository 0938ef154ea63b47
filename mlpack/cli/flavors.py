"""``mlpack flavors``: which frameworks there are flavors for, and which of them can be used here."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import click

from mlpack.cli import options
from mlpack.cli.groups import Group
from mlpack.cli.tables import table


@dataclass(frozen=True)
class _Row:
    """A flavor: what provides it, its framework, the version that is installed, and what to install if none is."""

    flavor: str
    provided_by: str
    framework: str
    version: str | None
    usable: bool
    install: str | None
    problem: str | None = None


@click.group(cls=Group)
def flavors() -> None:
    """Look at the flavors: the frameworks whose models can be packaged."""


@flavors.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List the built-in flavors and those of other distributions, with what is installed for them here."""
    from mlpack import plugins

    rows = [_row(name) for name in plugins.names()]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    cells = [(row.flavor, row.provided_by, row.framework, row.version or "-", _state(row)) for row in rows]
    click.echo(table(cells, ("FLAVOR", "FROM", "FRAMEWORK", "INSTALLED", "USABLE")))


def _row(name: str) -> _Row:
    from mlpack import plugins
    from mlpack.environment import installed_version

    provider = _provider(name)
    try:
        flavor = plugins.get(name)
    except Exception as error:  # noqa: BLE001  whatever another distribution's module raises
        return _Row(name, provider, "-", None, False, None, f"{type(error).__name__}: {error}")
    version = installed_version(flavor.distribution)
    usable = flavor.is_usable()
    return _Row(name, provider, flavor.distribution, version, usable, None if usable else flavor.missing().tip)


def _provider(name: str) -> str:
    from mlpack import plugins

    distribution = plugins.third_party()[name].dist if name in plugins.third_party() else None
    return "built in" if distribution is None else f"{distribution.name} {distribution.version}"


def _state(row: _Row) -> str:
    return "yes" if row.usable else f"no: {row.problem or row.install}"
