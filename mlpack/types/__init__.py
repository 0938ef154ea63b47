"""The schema classes, where a script written for ``mlflow.types`` looks for them."""

from __future__ import annotations

from mlpack.schema import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec
from mlpack.types import schema

__all__ = ["ColSpec", "DataType", "ParamSchema", "ParamSpec", "Schema", "TensorSpec", "schema"]
