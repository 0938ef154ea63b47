"""The names of ``mlflow.models.signature``, for scripts that import them from there."""

from mlpack.models.editing import set_signature
from mlpack.signature import ModelSignature, infer_signature

__all__ = ["ModelSignature", "infer_signature", "set_signature"]
