"""``mlpack models serve``: a package as an HTTP server."""

from __future__ import annotations

from typing import Any

import click

from mlpack.cli import options
from mlpack.cli.elsewhere import run_there
from mlpack.cli.fetching import fetched
from mlpack.processors import usable
from mlpack.stores import called, pinned
from mlpack_serving.settings import Settings


@click.command()
@options.model_uri
@options.env_manager
@options.settings
@options.foreign
@click.pass_context
def serve(context: click.Context, /, model_uri: str, env_manager: str, **limits: Any) -> int | None:
    """Serve a package over HTTP.

    POST /invocations answers predictions, GET /health says that the model is loaded. It runs until Ctrl-C or SIGTERM;
    a model that cannot be loaded ends it before anything listens. Each option of the server can also be set by a
    variable that is named after it: --max-columns by MLPACK_MAX_COLUMNS.

    \b
    Examples:
      mlpack models serve -m my_model -p 5000 -w 2
      mlpack models serve -m my_model --env-manager uv
      curl http://127.0.0.1:5000/invocations -H 'Content-Type: application/json' \\
        -d '{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2], [3, 4]]}}'
    """
    if limits["workers"] == "auto":
        limits["workers"] = usable()
    # Found once: an alias that moves meanwhile must not give workers different versions.
    model_uri = str(pinned(model_uri))
    name, version = called(model_uri)
    names = {
        "model_name": limits["model_name"] or name,
        "model_version": limits["model_version"] or version,
    }
    settings = Settings(**limits | names)
    if env_manager != options.LOCAL:
        return run_there(context, model_uri, env_manager, **names)
    from mlpack_serving.server import serve as serve_until_stopped

    serve_until_stopped(fetched(model_uri), settings)
    return None
