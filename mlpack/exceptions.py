"""The root of the exceptions, where a script written for ``mlflow.exceptions`` looks for it, by its name there."""

from __future__ import annotations

from mlpack.errors import MlpackError as MlflowException

__all__ = ["MlflowException"]
