"""SavedModels of TensorFlow: graphs with their weights."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from mlpack.examples import split_params
from mlpack.flavor import Predictor
from mlpack.unpickling import code_of_package
from mlpack_flavors.keras_models import framed


def save(tensorflow: Any, module: Any, path: Path, example: Any) -> None:
    """Write a module.

    TensorFlow writes what it has traced of a function that has no ``input_signature``: that is done here for any number
    of rows like those of the example, where it is an array.
    """
    rows, _ = split_params(example)
    call: Any = module.__call__ if callable(module) else None
    if isinstance(rows, np.ndarray) and rows.ndim and getattr(call, "input_signature", ()) is None:
        with suppress(Exception):  # whatever it raises at its example, which the pipeline tells of
            call.get_concrete_function(tensorflow.TensorSpec((None, *rows.shape[1:]), rows.dtype))
    tensorflow.saved_model.save(module, str(path))


def load(tensorflow: Any, path: Path) -> Any:
    """Read a SavedModel. Its graph can read and write files: it is code of the package."""
    with code_of_package(path.name):
        return tensorflow.saved_model.load(str(path))


def predictor(tensorflow: Any, call: Callable[[Any], Any]) -> Predictor:
    """What ``call`` answers to tensors, or dicts of them, for arrays."""

    def on_arrays(data: Any) -> Any:
        tensor = tensorflow.convert_to_tensor
        tensors = {name: tensor(each) for name, each in data.items()} if isinstance(data, dict) else tensor(data)
        return tensorflow.nest.map_structure(np.asarray, call(tensors))

    return framed(on_arrays)
