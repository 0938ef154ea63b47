"""A model that does what it is told: fail in many ways, take its time, stream."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel, PythonModelContext


class Talk(PythonModel):
    def predict(self, context: PythonModelContext, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        order = dict(model_input)
        if "sleep" in order:
            time.sleep(order["sleep"])
        if order.get("die") == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if "raise" in order:
            kind = {"value": ValueError, "os": OSError, "exit": SystemExit, "stop": StopIteration}[order["raise"]]
            raise kind(order.get("say", "no\nsecond line"))
        return {"set": {object()}} if "unwritable" in order else order

    def predict_stream(
        self, context: PythonModelContext, model_input: Any, params: dict[str, Any] | None = None
    ) -> Iterator[Any]:
        try:
            for at in range(model_input["count"]):
                if at == model_input.get("fail_at"):
                    raise ValueError("cannot go on from /srv/models/talk.py")
                time.sleep(model_input.get("sleep", 0) * (at + 1))
                yield {"at": at}
        finally:
            logging.getLogger(__name__).info("generator closed")


set_model(Talk())
