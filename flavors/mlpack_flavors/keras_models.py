"""Keras models as files, and what they answer: shared by the flavors keras and tensorflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidPackage
from mlpack.flavor import Predictor
from mlpack.unpickling import unpickle
from mlpack_flavors import keras_names

#: Pickles of the user's own classes and functions: those registered with Keras, and those given for this model, which
#: come first.
REGISTERED, GIVEN = "global_custom_objects.cloudpickle", "custom_objects.cloudpickle"
#: How many rows Keras's ``predict`` computes together.
_BATCH = 32


def new_folder(folder: Path, module: str) -> Path:
    """Make the folder ``data`` of a package, which says what MLflow imports to read the model."""
    data = folder / "data"
    data.mkdir()
    (data / "keras_module.txt").write_text(module, "utf-8")
    return data


def load(keras: Any, data: Path) -> Any:
    """Read ``model.keras``, or ``model.h5`` as older MLflow wrote it, with the user's own classes that are beside it.

    Python code in it, which is what a Lambda layer holds, is not run, unless the caller told Keras to by
    ``keras.config.enable_unsafe_deserialization()``.

    Raises:
        InvalidPackage: there is neither, or :func:`mlpack_flavors.keras_names.check` refuses what it names.
    """
    archive = data / "model.keras"
    found = [path for path in (archive, data / "model.h5") if path.is_file()]
    if not found:
        tip = "Keras 2 wrote a SavedModel, which is read by TensorFlow up to 2.15"
        raise InvalidPackage(f"{data.name} has neither model.keras nor model.h5", tip=tip)
    own: dict[str, Any] = {}
    for pickled in (data / REGISTERED, data / GIVEN):
        own |= unpickle(pickled) if pickled.exists() else {}
    keras_names.check(keras, found[0], own)
    compiled = found[0] == archive  # Keras 3 does not find the losses of older ones under their short names
    return keras.saving.load_model(found[0], custom_objects=own, compile=compiled, safe_mode=True)


def predictor(model: Any) -> Predictor:
    """What a model predicts.

    What ``predict`` would compute as one batch is computed as one, without the pipeline of data that it builds first:
    that takes a hundred times as long as a small model.
    """

    def call(data: Any) -> Any:
        first = next(iter(data.values())) if isinstance(data, dict) else data
        if hasattr(first, "shape") and len(first) <= _BATCH:
            return model.predict_on_batch(data)
        return model.predict(data, verbose=0)

    return framed(call)


def framed(call: Callable[[Any], Any]) -> Predictor:
    """Answer a DataFrame, which becomes one array, with a DataFrame, and all else as ``call`` does."""
    import pandas as pd

    def predict(data: Any, params: dict[str, Any] | None) -> Any:
        if isinstance(data, pd.DataFrame):
            return pd.DataFrame(call(data.to_numpy()), index=data.index)
        return call(data)

    return predict
