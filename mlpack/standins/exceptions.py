"""Stands in for ``mlflow.exceptions``."""

from __future__ import annotations

from typing import Any


class MlflowException(Exception):
    """What code of MLflow's users raises and catches; ``message`` is its text."""

    def __init__(self, message: object, error_code: object = None, **details: Any) -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.error_code = error_code

    @classmethod
    def invalid_parameter_value(cls, message: object, **details: Any) -> MlflowException:
        """An exception that says so by its error code."""
        return cls(message, error_code="INVALID_PARAMETER_VALUE", **details)
