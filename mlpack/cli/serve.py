"""``mlpack models serve``: a package as an HTTP server."""

from __future__ import annotations

from typing import Any

import click

from mlpack.cli import options
from mlpack.cli.elsewhere import run_there
from mlpack.cli.fetching import fetched
from mlpack.errors import InvalidArgument
from mlpack.processors import usable
from mlpack.stores import pinned
from mlpack_serving.settings import Settings
from mlpack_serving.trial import Found, handed_over


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
    settings = Settings(**limits)
    # Found once: an alias that moves meanwhile must not give workers different versions.
    found = handed_over() or Found(uri=str(pinned(model_uri)))
    if env_manager != options.LOCAL:
        if settings.follow:
            raise InvalidArgument(
                "--follow does not go with --env-manager: the next package may ask for another environment",
                tip="leave one of them out",
            )
        named = settings.called(found.uri)
        return run_there(
            context, found.uri, env_manager, model_name=named.model_name, model_version=named.model_version
        )
    from mlpack_serving.server import serve as serve_until_stopped

    folder = found.folder or str(fetched(found.uri))
    serve_until_stopped(Found(found.uri, folder), settings, model_uri)
    return None
