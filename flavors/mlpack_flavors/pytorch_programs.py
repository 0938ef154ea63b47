"""Exported programs: what ``torch.export`` traces of a module, which needs no class when it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from mlpack.errors import InvalidArgument, first_line
from mlpack.examples import split_params


def tensor_of(torch: Any, data: Any) -> Any:
    """The tensor of a DataFrame, which becomes float32 as in MLflow, or of an array."""
    array = data.to_numpy(dtype=np.float32) if hasattr(data, "iloc") else data
    return torch.as_tensor(np.require(array, requirements=["C", "W"]) if isinstance(array, np.ndarray) else array)


def export(torch: Any, module: Any, example: Any, path: Path) -> None:
    """Write the program of a module as traced with an example, in which every size is open that the module leaves open.

    Raises:
        InvalidArgument: PyTorch cannot trace it, or write what it traced.
    """
    data, params = split_params(example)
    if data is None:
        raise InvalidArgument("pt2 needs an input_example, to trace the module with")
    if params:
        raise InvalidArgument("pt2 takes no params", tip="use serialization_format='pickle'")
    try:
        tensor = tensor_of(torch, data)
        if len(tensor) == 1:  # a size of one is never left open
            tensor = torch.cat([tensor, tensor])
        device = next(chain(module.parameters(), module.buffers()), tensor).device
        sizes = [torch.export.Dim.AUTO] * tensor.ndim
        with _evaluating(module), torch.no_grad():
            program = torch.export.export(module, (tensor.to(device),), dynamic_shapes=(sizes,))
        if device.type != "cpu":  # what is written on a GPU is read by nobody who has none
            program = moved(program, "cpu")
        torch.export.save(program, path)
    except Exception as error:  # whatever a user's module raises when it is traced
        path.unlink(missing_ok=True)
        reason = f"{type(error).__name__}: {first_line(error)}"
        message = f"this {type(module).__name__} cannot be exported: {reason}"
        raise InvalidArgument(message, tip="use serialization_format='pickle'") from error


def moved(program: Any, device: str) -> Any:
    """A program on another device."""
    return import_module("torch.export.passes").move_to_device_pass(program, device)


@contextmanager
def _evaluating(module: Any) -> Iterator[None]:
    """Have a module compute as it predicts, without dropout and the like, and leave it as it was."""
    training = [part for part in module.modules() if part.training]
    module.eval()
    try:
        yield
    finally:
        for part in training:
            part.training = True
