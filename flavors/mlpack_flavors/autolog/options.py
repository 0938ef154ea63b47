"""What the parts of autologging tell each other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlpack_flavors.autolog.record import Record

#: The tag of runs that were made by autologging. Source: MLflow 3.17.
AUTOLOGGING = "mlflow.autologging"


@dataclass(frozen=True)
class Options:
    """What is logged, beside parameters and metrics."""

    log_models: bool
    log_input_examples: bool
    log_model_signatures: bool


#: What is done around a call, given its arguments with their defaults: before it, up to a ``yield`` of the arguments to
#: call with instead of those; and with what the call returned, which the ``yield`` gives.
Steps = Callable[["Record", Mapping[str, Any]], Generator[Mapping[str, Any], Any, None]]
