"""A model that does what its input says: answers, sleeps, raises, exits or crashes its process."""

from __future__ import annotations

import ctypes
import os
import time
from typing import Any

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel


class Obedient(PythonModel):
    """Its input is a dict: ``input`` says what to do, ``sleep`` for how many seconds to sleep before."""

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        """Obey, and tell in which process."""
        order = dict(model_input)
        time.sleep(order.get("sleep", 0))
        match order["input"]:
            case "raise":
                raise ValueError("as it was told")
            case "hold":
                ctypes.PyDLL(None).sleep(order["seconds"])  # which a library called in this way does
            case "exit":
                os._exit(1)
            case "segfault":
                ctypes.string_at(0)
        return {**order, "pid": os.getpid()}


set_model(Obedient())
