"""Keras 3 models: in Keras's own archive, or exported as a SavedModel of TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Predictor, Written
from mlpack_flavors import keras_models, tensorflow_graphs


class KerasFlavor(Flavor[Any]):
    """Models of Keras 3, on any of its backends.

    Not row-wise: the last bits of floats depend on how many rows are computed together.
    """

    name = "keras"
    distribution = "keras"
    extra = "keras"
    modules = ("keras",)
    version_key = "keras_version"
    loader_module = "mlflow.keras"
    model_argument = "model"

    def write(self, model: Any, folder: Path, *, save_exported_model: bool = False) -> Written:
        """Write ``data/model.keras``, or the SavedModel ``data/model`` where ``save_exported_model`` says so.

        The archive has none of your own classes and functions: register them with Keras wherever it is loaded. An
        exported model needs only TensorFlow, and cannot be trained any more.

        Raises InvalidArgument for what is no model of Keras.
        """
        keras = self.framework()
        if not isinstance(model, keras.Model):
            raise InvalidArgument(f"a {type(model).__name__} is not a model of Keras")
        data = keras_models.new_folder(folder, "keras")
        backend = keras.backend.backend()
        if save_exported_model:
            model.export(str(data / "model"), verbose=False)
        else:
            model.save(data / "model.keras")
        section = {"data": data.name, "keras_backend": backend, "save_exported_model": save_exported_model}
        return Written(section, modules=frozenset({"tensorflow" if save_exported_model else backend}))

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the model."""
        data = self.data(folder, section, "data")
        if section.get("save_exported_model"):
            return tensorflow_graphs.load(self.framework("tensorflow"), data / "model")
        return keras_models.load(self.framework(), data)

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Call ``predict``, or what an exported model serves."""
        if isinstance(model, self.framework().Model):
            return keras_models.predictor(model)
        return tensorflow_graphs.predictor(self.framework("tensorflow"), model.serve)


flavor = KerasFlavor()
