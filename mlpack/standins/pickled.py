"""Stands in for internals of MLflow that it leaves in the pickles of models with type hints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from mlpack.type_hints import conform_argument


@dataclass
class _TypeHints:
    """The hints of a predict function; ``mlflow.models.signature._TypeHints``."""

    input: Any = None
    output: Any = None


class FuncInfo(NamedTuple):
    """What the check of a predict function knows of it; ``mlflow.pyfunc.utils.data_validation.FuncInfo``."""

    input_type_hint: Any
    input_param_name: str


#: ``mlflow.pyfunc.utils.data_validation._validate_model_input``, which MLflow has hinted predict functions call.
_validate_model_input = conform_argument
