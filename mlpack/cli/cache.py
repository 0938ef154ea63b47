"""``mlpack cache``: packages that were fetched from elsewhere."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import click

from mlpack.cli import options
from mlpack.cli.console import say
from mlpack.cli.groups import Group
from mlpack.cli.tables import size_text, table, time_text

if TYPE_CHECKING:
    from mlpack.stores.cache import Entry


@click.group(cls=Group)
def cache() -> None:
    """Look at and remove what was fetched.

    Packages from elsewhere are kept below MLPACK_CACHE_ROOT (~/.cache/mlpack/packages). When they are more than
    MLPACK_CACHE_BYTES (10 GiB), those that nobody has used for the longest time are removed by themselves.
    """


@cache.command()
@options.as_json
def ls(as_json: bool) -> None:
    """List what is kept, the most recently used first."""
    from mlpack.stores.cache import Cache

    entries = Cache.from_environment().entries()
    if as_json:
        click.echo(json.dumps([_facts(entry) for entry in entries], indent=2))
    elif entries:
        click.echo(table(map(_row, entries), ("PACKAGE", "SIZE", "LAST USED", "STATE")))
    else:
        say("nothing is kept")


@cache.command()
@options.as_json
def clear(as_json: bool) -> None:
    """Remove all that no process is using just now."""
    from mlpack.stores.cache import Cache

    kept = Cache.from_environment()
    removed = kept.clear()
    if as_json:
        click.echo(json.dumps([_facts(entry) for entry in removed], indent=2))
        return
    say(f"removed {len(removed)}, {size_text(sum(entry.size for entry in removed))}")
    if left := len(kept.entries()):
        say(f"{left} in use, not removed")


def _row(entry: Entry) -> tuple[str | None, ...]:
    state = "whole" if entry.complete else "broken off"
    return entry.uri, size_text(entry.size), time_text(entry.used * 1000), state


def _facts(entry: Entry) -> dict[str, Any]:
    return {
        "uri": entry.uri,
        "path": str(entry.package),
        "size_bytes": entry.size,
        "last_used": datetime.fromtimestamp(entry.used, timezone.utc).isoformat(timespec="seconds"),
        "complete": entry.complete,
    }
