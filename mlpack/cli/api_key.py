"""``mlpack models api-key``: a key for a client of a server."""

from __future__ import annotations

import click

from mlpack.cli.console import say


@click.command("api-key")
@click.argument("name")
def api_key(name: str) -> None:
    """Make a random API key for NAME.

    The first line is the key: give it to who is to use it; it is not kept anywhere. The second stands for it in the
    file of --api-keys-file (or --control-keys-file), and does not give it away.

    \b
    Examples:
      mlpack models api-key alice
      curl http://127.0.0.1:5000/version -H 'Authorization: Bearer KEY'
    """
    from mlpack_serving.keys import new_key

    key, line = new_key(name)
    click.echo(f"{key}\n{line}")
    say("The first line is the key, which is not shown again; the second is for the file of --api-keys-file.")
