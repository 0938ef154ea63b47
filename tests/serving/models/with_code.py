"""A model whose answer is in a module of its package."""

from __future__ import annotations

from typing import Any

from answers import NUMBER  # type: ignore[import-not-found]

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel


class WithCode(PythonModel):
    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        return [NUMBER]


set_model(WithCode())
