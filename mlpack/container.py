"""What runs in an image: ``python -m mlpack.container serve`` finds the model and the port as the platform says them.

SageMaker runs ``serve`` with the model in /opt/ml/model and may set SAGEMAKER_BIND_TO_PORT; Vertex AI sets AIP_HTTP_PORT
(its routes are options of the server); Cloud Run and Knative set PORT; KServe puts the model into /mnt/models.
``health`` asks the server whether it is ready: the image's HEALTHCHECK.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from mlpack.errors import PackageNotFound
from mlpack.files import MLMODEL

PLACES = (Path("/opt/ml/model"), Path("/mnt/models"))
#: The first that is set says the port.
_PORTS = ("SAGEMAKER_BIND_TO_PORT", "AIP_HTTP_PORT", "PORT", "MLPACK_PORT")
_SECONDS = 4


def main(arguments: list[str]) -> int:
    """Serve, ask for health, or run any other command of mlpack; returns the exit code."""
    command, *rest = arguments or ["serve"]
    port = port_of(os.environ)
    if command == "health":
        return 0 if _is_healthy(port) else 1
    from mlpack.cli import main as run

    if command != "serve":
        return run(arguments)
    return run(["models", "serve", "-m", model_of(os.environ, PLACES), "-h", "0.0.0.0", "-p", str(port), *rest])  # noqa: S104  the container decides what of it can be reached


def port_of(variables: Mapping[str, str]) -> int:
    """The port that the platform wants, 8080 where it says none."""
    return int(next((variables[name] for name in _PORTS if variables.get(name)), 8080))


def model_of(variables: Mapping[str, str], places: tuple[Path, ...]) -> str:
    """The package: what MLPACK_MODEL_URI names, else the first of the places that holds one."""
    named = variables.get("MLPACK_MODEL_URI")
    found = [place for place in places if (place / MLMODEL).is_file()]
    if not named and not found:
        wanted = " nor in ".join(map(str, places))
        raise PackageNotFound(f"neither in {wanted}", tip="mount a package there, or name one by MLPACK_MODEL_URI")
    return named or str(found[0])


def _is_healthy(port: int) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
