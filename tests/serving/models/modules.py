"""A model that tells what its process has loaded."""

from __future__ import annotations

import sys
from typing import Any

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel


class Modules(PythonModel):
    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        return sorted({name.partition(".")[0] for name in sys.modules})


set_model(Modules())
