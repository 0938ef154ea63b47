"""A model that answers with its input."""

from __future__ import annotations

from typing import Any

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel


class Echo(PythonModel):
    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        return model_input


set_model(Echo())
