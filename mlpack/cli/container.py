"""What runs in an image: ``python -m mlpack.cli.container serve`` takes model and port as the platform says them.

SageMaker runs ``serve``, with the model in /opt/ml/model, and may set SAGEMAKER_BIND_TO_PORT; Vertex AI sets
AIP_HTTP_PORT, and its routes are options of the server; Cloud Run and Knative set PORT; KServe puts the model into
/mnt/models. ``health`` asks the server whether predictions get through: the image's HEALTHCHECK.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from mlpack.cli import main as run
from mlpack.cli.errors import exit_code_of
from mlpack.errors import PackageNotFound
from mlpack.files import MLMODEL

PLACES = (Path("/opt/ml/model"), Path("/mnt/models"))
_PORT = "MLPACK_PORT"
#: Who may say the port before the image does; the first that is set.
_PORTS = ("SAGEMAKER_BIND_TO_PORT", "AIP_HTTP_PORT", "PORT")
_MODELS = ("MLPACK_MODEL_URI", "AIP_STORAGE_URI")
_SECONDS = 4


def main(arguments: Sequence[str], variables: MutableMapping[str, str]) -> int:
    """Serve, with any options of ``models serve``; or ask for health. Any other command of mlpack runs as it is."""
    command, *rest = arguments or ("serve",)
    variables[_PORT] = next((variables[name] for name in _PORTS if variables.get(name)), variables.get(_PORT, "8080"))
    if command == "health":
        return 0 if _is_healthy(int(variables[_PORT]), tls=bool(variables.get("MLPACK_TLS_CERT"))) else 1
    if command != "serve":
        return run([command, *rest])
    return exit_code_of(lambda: run(["models", "serve", "-m", model_of(variables, PLACES), *rest]))


def model_of(variables: Mapping[str, str], places: Sequence[Path]) -> str:
    """The package: what MLPACK_MODEL_URI names, else the first of the places that holds one, else what Vertex names."""
    found = [str(place) for place in places if (place / MLMODEL).is_file()]
    named = [variables.get(name, "") for name in _MODELS]
    model = next(filter(None, (named[0], *found, named[1])), None)
    if model is None:
        wanted = " or ".join(map(str, places))
        raise PackageNotFound(f"no package is in {wanted}", tip="mount one there, or name one by MLPACK_MODEL_URI")
    return model


def _is_healthy(port: int, *, tls: bool) -> bool:
    try:
        connection = _connection(port, tls)
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False


def _connection(port: int, tls: bool) -> HTTPConnection:
    if not tls:
        return HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    import ssl

    context = ssl.create_default_context()  # its certificate is made out to another name than this address
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return HTTPSConnection("127.0.0.1", port, timeout=_SECONDS, context=context)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
