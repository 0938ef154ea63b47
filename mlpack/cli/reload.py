"""``mlpack models reload``: have a server that runs look for its package anew."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from mlpack.cli import options
from mlpack.cli.console import say
from mlpack.errors import InvalidArgument, InvalidPackage

#: The server tries the package before it answers, which takes as long as loading it.
_PATIENCE_SECONDS = 3600.0
_VARIABLE = "MLPACK_CONTROL_KEY"


@click.command()
@click.option("--url", default="http://127.0.0.1:5000", show_default=True, help="where the server listens")
@click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"file that holds a control key of the server  [default: the variable {_VARIABLE}]",
)
@options.as_json
def reload(url: str, key_file: Path | None, as_json: bool) -> None:
    """Have a server take the package that its URI names by now.

    The server loads it beside the one it serves and asks it its own example. If that is good, it is served from then
    on, and no request is lost; if not, the old one still is, and this ends with exit code 1. It needs a server with
    --control-keys-file; any other reloads on SIGHUP, and tells in its log what became of it.

    \b
    Examples:
      mlpack models reload --url http://127.0.0.1:5000 --key-file control.key
      kill -HUP PID
    """
    key = key_file.read_text("utf-8") if key_file else os.environ.get(_VARIABLE, "")
    outcome = _asked(url, key.strip())
    if as_json:
        click.echo(json.dumps(outcome, indent=2))
    if outcome["refused"]:
        raise InvalidPackage(f"the server still serves {outcome['serving']}: {outcome['refused']}")
    if not as_json:
        say(f"{url} serves {outcome['serving']}")


def _asked(url: str, key: str) -> dict[str, Any]:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    if not url.startswith(("http://", "https://")):
        raise InvalidArgument(f"--url takes http://HOST:PORT or https://HOST:PORT, got {url!r}")
    request = Request(f"{url.rstrip('/')}/control/reload", b"", {"x-api-key": key}, method="POST")  # noqa: S310
    try:
        with urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310  the scheme was checked
            outcome: dict[str, Any] = json.load(answer)
    except HTTPError as error:
        if error.code != 409:
            raise InvalidArgument(f"the server answers {error.code}", tip=_tip(error.code)) from error
        outcome = json.load(error)
    except (OSError, ValueError) as error:
        raise InvalidArgument(f"no server of mlpack answers at {url}: {error}") from error
    return outcome


def _tip(code: int) -> str:
    if code in (401, 403):
        return f"give a key of its --control-keys-file by --key-file or {_VARIABLE}"
    return "start it with --control-keys-file, or send it SIGHUP" if code in (404, 405) else ""
