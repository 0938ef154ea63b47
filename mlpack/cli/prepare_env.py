"""``mlpack models prepare-env``: the package's own environment, made ahead of time."""

from __future__ import annotations

import click

from mlpack.cli import options
from mlpack.cli.elsewhere import restore
from mlpack.cli.fetching import fetched


@click.command("prepare-env")
@options.model_uri
@click.option(
    "--env-manager",
    type=click.Choice(options.MANAGERS),
    default=options.MANAGERS[0],
    show_default=True,
    help="what makes the environment (conda: best effort)",
)
@options.foreign
def prepare_env(model_uri: str, env_manager: str) -> None:
    """Make the environment of a package.

    The path of its python is printed. The environment is cached by its content: serve and predict with the same
    --env-manager start in it at once, and so does every other package that needs the same.

    \b
    Examples:
      mlpack models prepare-env -m my_model
      $(mlpack models prepare-env -m my_model) -m pip list
    """
    click.echo(restore(fetched(model_uri), env_manager))
