"""The command line: one module per command; what is heavy is imported inside the commands."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from mlpack import __version__
from mlpack.cli.artifacts import artifacts
from mlpack.cli.cache import cache
from mlpack.cli.console import color
from mlpack.cli.errors import DEBUG, exit_code_of
from mlpack.cli.flavors import flavors
from mlpack.cli.groups import Group
from mlpack.cli.keys import keys
from mlpack.cli.models import models
from mlpack.cli.registry import registry
from mlpack.cli.runs import runs

__all__ = ["cli", "main"]

_EPILOG = """\b
Exit codes:
  0    done
  1    it did not work: the package, the data or the machine
  2    the command was called wrongly
  70   a defect of mlpack or of a flavor
  130  interrupted

\b
Results go to stdout; ERROR, WARNING and TIP lines and progress go to stderr.
NO_COLOR=1 turns colours off, MLPACK_DEBUG=1 turns tracebacks on."""


def _set_debug(_: click.Context, __: click.Parameter, verbose: bool) -> None:
    if verbose:
        os.environ[DEBUG] = "1"


@click.group(cls=Group, epilog=_EPILOG)
@click.version_option(__version__, message="mlpack %(version)s", help="show the version")
@click.option(
    "-v", "--verbose", is_flag=True, expose_value=False, callback=_set_debug, help="show the traceback of an error"
)
def cli() -> None:
    """Package trained models and serve them over HTTP, in MLflow's own format.

    \b
    Look at a package, try it, and serve it:
      mlpack models inspect -m my_model
      mlpack models validate -m my_model
      mlpack models serve -m my_model -p 5000
    """


for group in (models, runs, registry, artifacts, flavors, cache, keys):
    cli.add_command(group)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, with the arguments of this process unless given; returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name that the terminal's encoding lacks is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = None if argv is None else list(argv)
    return exit_code_of(lambda: cli.main(arguments, "mlpack", standalone_mode=False, color=color()))
