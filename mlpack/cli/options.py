"""Options that commands share. Those of the server are made from the fields of its ``Settings``."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import click

from mlpack.errors import InvalidArgument
from mlpack_serving.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

#: The managers that restore a package's own environment.
MANAGERS = ("uv", "virtualenv", "conda")
LOCAL = "local"

#: Options of MLflow that have no meaning here -> what to do instead.
FOREIGN = {
    "--enable-mlserver": "leave it out: the server of mlpack is the only one",
    "--install-mlflow": "leave it out: a package is served without MLflow",
    "--no-conda": "leave it out, or say --env-manager local, which is the default",
}


def _set_tracking_uri(_: click.Context, __: click.Parameter, uri: str | None) -> None:
    # In the environment it reaches the workers of a server, and the same command in a restored environment.
    if uri:
        os.environ["MLPACK_TRACKING_URI"] = uri


tracking_uri = click.option(
    "--tracking-uri",
    metavar="URI",
    expose_value=False,
    callback=_set_tracking_uri,
    help="the store of runs and registered models: a folder, http(s)://<server> or sqlite:///<file>"
    "  [default: MLPACK_TRACKING_URI, else MLFLOW_TRACKING_URI, else ./mlruns or ./mlflow.db]",
)

_model_uri = click.option(
    "-m",
    "--model-uri",
    required=True,
    metavar="URI",
    help="the package: a folder, runs:/<run id>/<path>, models:/<name>@<alias>, models:/<name>/<version>, or elsewhere",
)


def model_uri(command: Command) -> Command:
    """Add ``-m``, and the option that says in which store its ``runs:/`` and ``models:/`` are looked up."""
    return _model_uri(tracking_uri(command))


env_manager = click.option(
    "--env-manager",
    type=click.Choice([LOCAL, *MANAGERS]),
    default=LOCAL,
    show_default=True,
    envvar="MLPACK_ENV_MANAGER",
    help="run in this environment (local), or in one restored from the package's requirements (conda: best effort)",
)


class Workers(click.IntRange):
    """A number of processes, or ``auto``, which stays as it is."""

    def __init__(self) -> None:
        super().__init__(min=1, max=1024)

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        """The number, or ``auto``."""
        return value if value == "auto" else super().convert(value, param, context)


as_json = click.option("--json", "as_json", is_flag=True, help="print JSON, for programs")


def settings(command: Command) -> Command:
    """Add every option of the scoring server; the command gets them as keywords named as the fields of Settings."""
    types = get_type_hints(Settings)
    for option in reversed(fields(Settings)):
        command = click.option(
            *option.metadata["flags"],
            option.name,
            type=Workers() if option.name == "workers" else _type(types[option.name]),
            default=option.default,
            envvar=list(option.metadata["env"]),
            help=option.metadata["help"],
            show_default=option.default != "",
            show_envvar=len(option.metadata["env"]) > 1,  # ours follows a rule that the help text states
        )(command)
    return command


def _type(hint: Any) -> Any:
    """What click makes of the type of a field: one of several texts where it is a ``Literal``."""
    return click.Choice(get_args(hint)) if get_origin(hint) is Literal else hint


def foreign(command: Command) -> Command:
    """Meet the options of MLflow that have no meaning here with an error that says what to do instead."""

    def refuse(_: click.Context, option: click.Parameter, given: bool) -> None:
        if given:
            name = option.opts[0]
            raise InvalidArgument(f"{name} is an option of MLflow that has no meaning here", tip=FOREIGN[name])

    for name in FOREIGN:
        command = click.option(name, is_flag=True, hidden=True, is_eager=True, expose_value=False, callback=refuse)(
            command
        )
    return command
