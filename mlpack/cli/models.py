"""``mlpack models``: the commands on one package."""

from __future__ import annotations

import click

from mlpack.cli.inspect import inspect
from mlpack.cli.predict import predict
from mlpack.cli.prepare_env import prepare_env
from mlpack.cli.serve import serve
from mlpack.cli.update_requirements import update_pip_requirements
from mlpack.cli.validate import validate


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """Look into packages, predict with them, serve them.

    The package is named with -m: a folder that holds an MLmodel file, written by mlpack or by MLflow.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (inspect, validate, predict, serve, prepare_env, update_pip_requirements):
    models.add_command(command)
