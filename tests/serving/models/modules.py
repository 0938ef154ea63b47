"""A model that tells what its process has loaded, and how many threads its libraries may use."""

from __future__ import annotations

import os
import sys
from typing import Any

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel


class Modules(PythonModel):
    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        loaded = sorted({name.partition(".")[0] for name in sys.modules})
        return {"modules": loaded, "threads": os.environ.get("OMP_NUM_THREADS")}


set_model(Modules())
