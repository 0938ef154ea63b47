"""What a file of Keras may name, and the forms that the conformance test has no case for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import cloudpickle
import h5py
import keras
import numpy as np
import pytest
from keras.src.saving.serialization_lib import SafeModeScope

import mlpack.keras
import mlpack.pyfunc
from mlpack.errors import InvalidPackage, UnsafePackage
from mlpack_flavors import keras_models
from tests.flavors.cases.keras import classifier

ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]], "f4")
MLFLOW = """
import sys, mlflow, numpy
from tests.flavors.cases.keras import classifier
folder, rows = sys.argv[1], numpy.array(eval(sys.argv[2]), "f4")
signature = mlflow.models.infer_signature(rows, rows[:, :3])
mlflow.keras.save_model(classifier(), folder + "/theirs", save_exported_model=True, signature=signature)
print([mlflow.pyfunc.load_model(folder + "/" + saver).predict(rows).tolist() for saver in ("ours", "theirs")])
"""


def network(*layers: Any) -> Any:
    return keras.Sequential([keras.Input((4,)), *layers])


def function(module: str, name: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def layer(module: str, name: str, /, **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def edited(folder: Path, activation: Any) -> Path:
    """A folder with a model whose file says that this is the activation of its last layer."""
    network(keras.layers.Dense(2)).save(folder / "plain.keras")
    with zipfile.ZipFile(folder / "plain.keras") as plain, zipfile.ZipFile(folder / "model.keras", "w") as model:
        for name in plain.namelist():
            content = plain.read(name)
            if name == "config.json":
                config = json.loads(content)
                config["config"]["layers"][-1]["config"]["activation"] = activation
                content = json.dumps(config).encode()
            model.writestr(name, content)
    return folder


@pytest.mark.parametrize(
    "named",
    [
        function("keras.utils", "pad_sequences"),
        function("keras.datasets.mnist", "load_data"),
        function("keras.src.utils.file_utils", "extract_archive"),
        function("keras.config", "enable_unsafe_deserialization"),
        function("keras.activations", "deserialize"),
        layer("keras.utils", "pad_sequences"),
        layer("keras.layers", "TFSMLayer", filepath="elsewhere"),
        layer("keras.layers", "TorchModuleWrapper", module="pickle"),
        [{"kwargs": layer("keras.src.saving.saving_api", "load_model")}],
    ],
)
def test_what_no_model_is_made_of_is_not_looked_up(named: Any, tmp_path: Path) -> None:
    with pytest.raises(UnsafePackage, match="which no model is made of"):
        keras_models.load(keras, edited(tmp_path, named))


@pytest.mark.parametrize(
    "named",
    [function("os", "system"), function("builtins", "eval"), function("builtins", "get"), layer("subprocess", "Popen")],
)
def test_what_is_not_of_keras_must_be_registered(named: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidPackage, match="is not registered with Keras"):
        keras_models.load(keras, edited(tmp_path, named))


@pytest.mark.parametrize("named", ["relu", function("builtins", "gelu"), layer("keras.layers", "ReLU"), None])
def test_what_models_are_made_of_is_read(named: Any, tmp_path: Path) -> None:
    assert keras_models.load(keras, edited(tmp_path, named)).predict(ROWS, verbose=0).shape == (2, 2)


def test_python_code_is_run_only_where_the_caller_told_keras_to(tmp_path: Path) -> None:
    mlpack.keras.save_model(network(keras.layers.Lambda(lambda rows: rows * 2)), tmp_path / "model")
    with pytest.raises(InvalidPackage, match=r"a Python lambda.*enable_unsafe_deserialization"):
        mlpack.pyfunc.load_model(tmp_path / "model")
    with SafeModeScope(False):  # what keras.config.enable_unsafe_deserialization() does for good
        assert np.array_equal(mlpack.pyfunc.load_model(tmp_path / "model").predict(ROWS), ROWS * 2)


def test_python_code_in_an_hdf5_file_is_not_run(tmp_path: Path) -> None:
    network(keras.layers.Lambda(lambda rows: rows * 2)).save(tmp_path / "model.h5")
    with pytest.raises(ValueError, match="a Python lambda"):
        keras_models.load(keras, tmp_path)


def test_an_hdf5_file_of_older_packages_is_read(tmp_path: Path) -> None:
    class Halved(keras.layers.Layer):  # type: ignore[misc]  # Keras publishes no types
        def call(self, rows: Any) -> Any:
            return rows / 2

    model = network(keras.layers.Dense(3, "relu"), Halved())
    model.compile("adam", "mse")
    model.save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5", "r+") as file:  # Keras 2 left the modules out
        file.attrs["model_config"] = file.attrs["model_config"].replace('"module": "keras.initializers", ', "")
    (tmp_path / "custom_objects.cloudpickle").write_bytes(cloudpickle.dumps({"Halved": Halved}))
    assert np.array_equal(keras_models.load(keras, tmp_path).predict(ROWS), model.predict(ROWS))


def test_a_folder_with_neither_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.keras").mkdir()
    with pytest.raises(InvalidPackage, match=r"neither model\.keras nor model\.h5"):
        keras_models.load(keras, tmp_path)


def test_a_class_of_the_users_is_read_where_it_is_registered(tmp_path: Path) -> None:
    class Halved(keras.layers.Layer):  # type: ignore[misc]
        def call(self, rows: Any) -> Any:
            return rows / 2

    mlpack.keras.save_model(network(Halved()), tmp_path / "model")
    with pytest.raises(InvalidPackage, match="names Halved, which is not registered") as caught:
        mlpack.keras.load_model(tmp_path / "model")
    assert "mlpack.tensorflow" in caught.value.tip
    with keras.saving.custom_object_scope({"Halved": Halved}):
        assert np.array_equal(mlpack.pyfunc.load_model(tmp_path / "model").predict(ROWS), ROWS / 2)


def test_a_backend_that_is_missing_is_named() -> None:
    script = [sys.executable, "-c", "from mlpack_flavors.keras import flavor; flavor.framework()"]
    env = {**os.environ, "KERAS_BACKEND": "torch"}
    ran = subprocess.run(script, env=env, capture_output=True, text=True, check=False)
    assert "a model of the flavor keras needs torch, which is not installed" in ran.stderr


def test_few_rows_are_predicted_as_keras_predicts_them(tmp_path: Path) -> None:
    model = classifier()
    mlpack.keras.save_model(model, tmp_path / "model")
    predict = mlpack.pyfunc.load_model(tmp_path / "model").predict
    for count in (1, 31, 32, 33, 100):
        rows = np.random.default_rng(count).normal(size=(count, 4))
        for data in (rows, rows.astype("f4")):
            ours, theirs = predict(data), model.predict(data, verbose=0)
            assert ours.dtype == theirs.dtype
            assert np.array_equal(ours, theirs)


def test_exported_models_go_both_ways(tmp_path: Path) -> None:
    model = classifier()
    mlpack.keras.save_model(model, tmp_path / "ours", save_exported_model=True, input_example=ROWS)
    script = [sys.executable, "-c", MLFLOW, str(tmp_path), repr(ROWS.tolist())]
    told = subprocess.run(script, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    wanted = model.predict(ROWS, verbose=0)
    for saver, answer in zip(("ours", "theirs"), json.loads(told), strict=True):
        np.testing.assert_allclose(answer, wanted, rtol=1e-6)
        loaded = mlpack.pyfunc.load_model(tmp_path / saver)
        np.testing.assert_allclose(loaded.predict(ROWS), wanted, rtol=1e-6)
        assert loaded.metadata.signature is not None
