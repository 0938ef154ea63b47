"""A model that no longer works, not even on the example that it was saved with."""

from __future__ import annotations

import os
from typing import Any

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel


class Broken(PythonModel):
    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        if "MLPACK_TEST_SAVING" not in os.environ:
            raise ValueError("the table of weights is gone")
        return model_input


set_model(Broken())
