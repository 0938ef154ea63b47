"""Where models that PyTorch computes predict, and with which type of numbers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from mlpack.errors import MlpackError

#: What MLflow's users set it by.
VARIABLE = "MLFLOW_DEFAULT_PREDICTION_DEVICE"


def device_of(torch: Any, config: Mapping[str, Any]) -> str:
    """The ``device`` of a package's configuration, else that of the environment, else the first GPU, else the CPU.

    Devices are named as PyTorch does (``cpu``, ``cuda``, ``cuda:1``, ``mps``); a number is that of a GPU, -1 the CPU.
    """
    named = config.get("device")
    named = os.environ.get(VARIABLE, "") if named is None else str(named)
    if not named:
        return "cuda" if torch.cuda.is_available() else "cpu"
    if named.lstrip("-").isdecimal():
        return "cpu" if named.startswith("-") else f"cuda:{named}"
    return named


def dtype_of(torch: Any, named: Any, error: type[MlpackError]) -> Any:
    """A type of PyTorch as it is, or by its name (``float16``, ``torch.float16``); an ``error`` for anything else."""
    dtype = getattr(torch, named.removeprefix("torch."), named) if isinstance(named, str) else named
    if dtype is not None and not isinstance(dtype, torch.dtype):
        raise error(f"torch_dtype is {named!r}, which is no type of PyTorch")
    return dtype
