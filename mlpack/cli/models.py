"""``mlpack models``: the commands on one package."""

from __future__ import annotations

import click

from mlpack.cli.groups import Group
from mlpack.cli.images import build_docker, generate_dockerfile
from mlpack.cli.inspect import inspect
from mlpack.cli.predict import predict
from mlpack.cli.prepare_env import prepare_env
from mlpack.cli.reload import reload
from mlpack.cli.serve import serve
from mlpack.cli.update_requirements import update_pip_requirements
from mlpack.cli.validate import validate


@click.group(cls=Group)
def models() -> None:
    """Look into packages, predict with them, serve them.

    The package is named with -m: a folder that holds an MLmodel file, written by mlpack or by MLflow, or a URI.
    """


for commands in (
    (inspect, validate, predict, serve, reload),
    (prepare_env, update_pip_requirements, build_docker, generate_dockerfile),
):
    for command in commands:
        models.add_command(command)
