"""Running the same command once more, inside the restored environment of a package."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from mlpack.cli.console import say
from mlpack.cli.fetching import fetched
from mlpack.cli.options import LOCAL


def restore(folder: Path, manager: str) -> Path:
    """The python of a package's own environment, restored where it is not there yet; progress goes to stderr."""
    from mlpack.restoring import restore as restore_environment

    return restore_environment(folder, manager, report=say)


def run_there(context: click.Context, model_uri: str, manager: str, **instead: str) -> int:
    """Run this command in the package's own environment, with these values ``instead`` of its own; on POSIX this
    process becomes that one and nothing returns."""
    folder = fetched(model_uri)
    python = restore(folder, manager)
    # What was found here: an alias may move, and that environment may lack what its store or its place needs.
    again = said_again(context, {**instead, "env_manager": LOCAL, "model_uri": folder})
    # Isolated (-I): the folder this was called in and PYTHONPATH are no part of the package's environment.
    command = [str(python), "-I", "-m", "mlpack", *again]
    path = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])  # as activating it would do
    environment = os.environ | {"PATH": path}
    if os.name == "posix":
        os.execve(python, command, environment)  # noqa: S606  so that signals and the exit code are the command's own
    return subprocess.run(command, env=environment, check=False).returncode


def said_again(context: click.Context, instead: Mapping[str, Any]) -> list[str]:
    """The arguments that call a command again, with the values in ``instead``; options from variables stay there."""
    words = [*said_again(context.parent, {}), str(context.info_name)] if context.parent else []
    values = {**context.params, **instead}
    for option in context.command.params:
        name = str(option.name)
        if name in instead or (name in values and context.get_parameter_source(name) is ParameterSource.COMMANDLINE):
            words += [option.opts[-1]] if values[name] is True else [option.opts[-1], str(values[name])]
    return words
