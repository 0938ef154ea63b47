"""A model that ends its process when it is loaded."""

from __future__ import annotations

import os
from typing import Any

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel, PythonModelContext


class Deadly(PythonModel):
    def load_context(self, context: PythonModelContext) -> None:
        if "MLPACK_TEST_SAVING" not in os.environ:
            os._exit(1)

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        return model_input


set_model(Deadly())
