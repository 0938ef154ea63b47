"""The schema classes, where a script written for ``mlflow.types.schema`` looks for them."""

from __future__ import annotations

from mlpack.schema import *  # noqa: F403 - all of them, and it names them
