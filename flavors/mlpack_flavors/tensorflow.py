"""Modules of TensorFlow as SavedModels, and Keras models with the classes of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.pickling import pickle_object
from mlpack.trust import inside
from mlpack_flavors import keras_models, keras_names, tensorflow_graphs


class TensorFlowFlavor(Flavor[Any]):
    """``tf.Module`` objects, and Keras models with classes of your own.

    Not row-wise: the last bits of floats depend on how many rows are computed together.
    """

    name = "tensorflow"
    distribution = "tensorflow"
    extra = "tensorflow"
    modules = ("tensorflow",)
    loader_module = "mlflow.tensorflow"
    model_argument = "model"

    def write(
        self, model: Any, folder: Path, *, custom_objects: Mapping[str, Any] | None = None, input_example: Any = None
    ) -> Written:
        """Write the SavedModel ``tf2model``, or ``data/model.keras`` of a Keras model.

        Beside the latter go, as pickles, the classes and functions that it is made of and that are not Keras's: those
        of ``custom_objects`` by name, and those that are registered with Keras.

        Raises InvalidArgument for what is neither, and for custom objects of a module.
        """
        tensorflow = self.framework()
        if isinstance(model, tensorflow.keras.Model):
            return self._write_keras(model, folder, custom_objects)
        if not isinstance(model, tensorflow.Module):
            raise InvalidArgument(f"a {type(model).__name__} is neither a tf.Module nor a model of Keras")
        if custom_objects is not None:
            raise InvalidArgument("custom_objects are for models of Keras: a SavedModel holds what it needs")
        tensorflow_graphs.save(tensorflow, model, folder / "tf2model", input_example)
        return Written({"saved_model_dir": "tf2model", "model_type": "tf2-module"})

    def _write_keras(self, model: Any, folder: Path, custom_objects: Mapping[str, Any] | None) -> Written:
        data = keras_models.new_folder(folder, "tensorflow.keras")
        (data / "save_format.txt").write_text("tf", "utf-8")
        path = data / "model.keras"
        model.save(path)
        registered = keras_names.registered(self.framework("keras"), path)
        given = dict(custom_objects or {})
        for name, objects in ((keras_models.REGISTERED, registered), (keras_models.GIVEN, given)):
            if objects:
                pickle_object(objects, data / name)
        version = self.framework().__version__
        return Written.to(data.name, modules={"keras"}, model_type="keras", keras_version=version, save_format="tf")

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the model."""
        kind = section.get("model_type")
        if kind == "tf2-module":
            path = inside(folder, section.get("saved_model_dir"), key="tensorflow.saved_model_dir")
            return tensorflow_graphs.load(self.framework(), path)
        if kind != "keras":
            raise InvalidPackage(f"MLmodel: tensorflow.model_type is {kind!r}, not keras or tf2-module")
        return keras_models.load(self.framework("keras"), self.data(folder, section, "data"))

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Call ``predict`` of a Keras model, or the module itself."""
        if isinstance(model, self.framework().keras.Model):
            return keras_models.predictor(model)
        return tensorflow_graphs.predictor(self.framework(), model)


flavor = TensorFlowFlavor()
