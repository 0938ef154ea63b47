"""A model that can be loaded by a process that tries it, and ends a worker that loads it."""

from __future__ import annotations

import os
import sys
from typing import Any

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel, PythonModelContext


class FatalInWorkers(PythonModel):
    def load_context(self, context: PythonModelContext) -> None:
        if "gunicorn" in sys.modules:
            os._exit(1)

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        return model_input


set_model(FatalInWorkers())
