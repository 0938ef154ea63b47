"""SavedModels of TensorFlow: graphs with their weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mlpack.flavor import Predictor
from mlpack.unpickling import code_of_package
from mlpack_flavors.keras_models import framed


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
