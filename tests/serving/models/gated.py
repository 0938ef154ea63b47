"""A model that waits for a file where it is told to, says so in another, and counts how often it was asked."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel


class Gated(PythonModel):
    calls = 0

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        self.calls += 1
        if gate := model_input.get("gate"):
            Path(gate, "waits").touch()
            while not Path(gate, "open").exists():
                time.sleep(0.005)
        return {"calls": self.calls}


set_model(Gated())
