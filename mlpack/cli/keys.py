"""``mlpack keys``: keys for the clients of a server."""

from __future__ import annotations

import click

from mlpack.cli.console import say
from mlpack.cli.groups import Group


@click.group(cls=Group)
def keys() -> None:
    """Make keys for those who may use a server."""


@keys.command("new")
@click.argument("name")
def new(name: str) -> None:
    """Make a random key for NAME.

    The first line is the key: give it to who is to use it; it is kept nowhere. The second stands for it in the file of
    --api-keys-file (or --control-keys-file), and does not give it away.

    \b
    Examples:
      mlpack keys new alice
      mlpack models serve -m my_model --api-keys-file keys
      curl http://127.0.0.1:5000/version -H 'Authorization: Bearer KEY'
    """
    from mlpack_serving.keys import new_key

    key, line = new_key(name)
    click.echo(f"{key}\n{line}")
    say("The first line is the key, which is not shown again; the second is for the file of --api-keys-file.")
