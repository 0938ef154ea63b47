"""The Dockerfile of an image: a pure function from tokens that were checked to text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from mlpack import __version__
from mlpack.errors import EnvironmentFailure, InvalidArgument
from mlpack.images.labels import CALLED
from mlpack.images.tokens import checked

_PLACE = re.compile(r"@\{(\w+)\}")
#: What SageMaker reads: the port may be set by SAGEMAKER_BIND_TO_PORT.
_SAGEMAKER = {"com.amazonaws.sagemaker.capabilities.accept-bind-to-port": "true"}
#: In place of a model: what one needs is not known here, so it is restored when the model has come.
_NO_MODEL = "# The model is mounted, or named by MLPACK_MODEL_URI.\nENV MLPACK_ENV_MANAGER=uv"


@dataclass(frozen=True)
class Plan:
    """What an image is made of; raises InvalidArgument where a part of it has no place in a Dockerfile.

    ``base`` is the image to start from, which has Python ``python``; ``labels`` say what is in it; without
    ``has_model`` the model comes when a container starts.
    """

    base: str
    python: str
    port: int = 8080
    has_model: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check each token."""
        checked("base image", self.base)
        checked("python version", self.python)
        if not 0 < self.port < 2**16:
            raise InvalidArgument(f"--port takes a number from 1 to 65535, got {self.port}")
        for key, value in self.labels.items():
            checked("label", key)
            checked("label", value)


def render(plan: Plan) -> str:
    """The text of the Dockerfile."""
    labels = {**_SAGEMAKER, **plan.labels}
    called = [f'ENV {variable}="{labels[label]}"' for variable, label in CALLED.items() if label in labels]
    tokens = {
        "version": __version__,
        "base": plan.base,
        "python": plan.python,
        "port": str(plan.port),
        "model": "\n".join(["COPY model/ /", *called]) if plan.has_model else _NO_MODEL,
        "labels": "LABEL " + " \\\n      ".join(f'{key}="{value}"' for key, value in sorted(labels.items())),
    }
    return _PLACE.sub(lambda match: tokens[match[1]], template("Dockerfile.template").read_text("utf-8"))


def template(name: str) -> Path:
    """A file of ``dockerfiles/``, which lies inside the package where it is installed and beside it in a checkout."""
    spec = find_spec("mlpack")
    package = Path(spec.origin).parent if spec and spec.origin else Path()
    for folder in (package / "dockerfiles", package.parent / "dockerfiles"):
        if (folder / name).is_file():
            return folder / name
    raise EnvironmentFailure(f"{name} is missing from the running installation", tip="install mlpack anew")
