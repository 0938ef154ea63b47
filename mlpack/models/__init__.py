"""Packages as data: their manifest, signature and requirements, and trying them out. Names as in ``mlflow.models``."""

from mlpack.code_model import ModelConfig, set_model
from mlpack.manifest import Model
from mlpack.models.editing import set_signature, update_model_requirements
from mlpack.models.info import ModelInfo, get_model_info
from mlpack.models.trying import convert_input_example_to_serving_input, predict, validate_serving_input
from mlpack.signature import ModelSignature, infer_signature

__all__ = [
    "Model",
    "ModelConfig",
    "ModelInfo",
    "ModelSignature",
    "convert_input_example_to_serving_input",
    "get_model_info",
    "infer_signature",
    "predict",
    "set_model",
    "set_signature",
    "update_model_requirements",
    "validate_serving_input",
]
