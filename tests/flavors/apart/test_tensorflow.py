"""Modules of TensorFlow, and the classes that go with a Keras model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import mlpack.pyfunc
import mlpack.tensorflow
from mlpack.errors import InvalidArgument, InvalidPackage
from tests.flavors.cases.tensorflow import Line

ROWS = np.array([[1.0, 2.0], [-3.0, 0.25]], "f4")


class Both(tf.Module):  # type: ignore[misc]  # TensorFlow publishes no types
    """Several answers by name, of whatever comes."""

    @tf.function  # type: ignore[untyped-decorator]
    def __call__(self, rows: Any) -> Any:
        return {"sum": tf.reduce_sum(rows, axis=1), "rows": rows}


def test_a_module_may_answer_by_name(tmp_path: Path) -> None:
    mlpack.tensorflow.save_model(Both(), tmp_path / "model", input_example=ROWS)
    answer = mlpack.pyfunc.load_model(tmp_path / "model").predict(ROWS)
    assert {name: value.tolist() for name, value in answer.items()} == {"rows": ROWS.tolist(), "sum": [3.0, -2.75]}


def test_a_module_is_traced_for_any_number_of_rows_like_the_example(tmp_path: Path) -> None:
    mlpack.tensorflow.save_model(Both(), tmp_path / "model", input_example=ROWS)
    predict = mlpack.pyfunc.load_model(tmp_path / "model").predict
    assert [len(predict(np.ones((count, 2), "f4"))["sum"]) for count in (1, 2, 5)] == [1, 2, 5]


def test_a_module_that_fails_at_its_example_is_saved_with_a_warning(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="input_example cannot be predicted"):
        mlpack.tensorflow.save_model(Both(), tmp_path / "model", input_example=np.array(["text"]))


def test_a_module_answers_a_frame_with_a_frame(tmp_path: Path) -> None:
    mlpack.tensorflow.save_model(Line(), tmp_path / "model")
    rows = pd.DataFrame(ROWS, index=[7, 8], columns=["a", "b"])
    answer = mlpack.pyfunc.load_model(tmp_path / "model").predict(rows)
    pd.testing.assert_frame_equal(answer, pd.DataFrame(ROWS * [2.0, 0.5] + 1, index=[7, 8], dtype="f4"))


def test_classes_of_the_user_come_along(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable("mine")
    class Doubled(keras.layers.Layer):  # type: ignore[misc]
        def call(self, rows: Any) -> Any:
            return rows * 2

    def thirds(rows: Any) -> Any:
        return rows / 3

    model = keras.Sequential([keras.Input((2,)), Doubled(), keras.layers.Activation(thirds)])
    mlpack.tensorflow.save_model(model, tmp_path / "model", custom_objects={"thirds": thirds})
    del keras.saving.get_custom_objects()["mine>Doubled"]
    np.testing.assert_allclose(mlpack.pyfunc.load_model(tmp_path / "model").predict(ROWS), ROWS * 2 / 3, rtol=1e-6)


def test_a_model_of_keras_alone_needs_no_pickle(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable("unused")
    class Unused(keras.layers.Layer):  # type: ignore[misc]
        pass

    mlpack.tensorflow.save_model(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model" / "data").iterdir()) == [
        "keras_module.txt",
        "model.keras",
        "save_format.txt",
    ]


def test_custom_objects_of_a_module_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="custom_objects are for models of Keras"):
        mlpack.tensorflow.save_model(Line(), tmp_path / "model", custom_objects={})


def test_a_model_of_another_type_is_refused(tmp_path: Path) -> None:
    mlpack.tensorflow.save_model(Line(), tmp_path / "model")
    manifest = tmp_path / "model" / "MLmodel"
    manifest.write_text(manifest.read_text().replace("tf2-module", "tf1-estimator"))
    with pytest.raises(InvalidPackage, match="model_type is 'tf1-estimator'"):
        mlpack.pyfunc.load_model(tmp_path / "model")
