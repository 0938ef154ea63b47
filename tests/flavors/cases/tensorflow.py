"""A module, and Keras models: with a class of the user's own, and with several inputs and answers."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.flavors.cases import Case


class Line(tf.Module):  # type: ignore[misc]  # TensorFlow and Keras publish no types
    """A product and a sum for each number."""

    def __init__(self) -> None:
        super().__init__()
        self.slope, self.shift = tf.Variable([2.0, 0.5]), tf.Variable(1.0)

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])  # type: ignore[untyped-decorator]
    def __call__(self, rows: Any) -> Any:
        return rows * self.slope + self.shift


@keras.saving.register_keras_serializable("tests")
class Doubled(keras.layers.Layer):  # type: ignore[misc]
    """Twice what comes in."""

    def call(self, rows: Any) -> Any:
        return rows * 2


class Halved(keras.layers.Layer):  # type: ignore[misc]
    """Half of what comes in."""

    def call(self, rows: Any) -> Any:
        return rows / 2


def module() -> Case:
    """A module as a SavedModel."""
    rows = np.array([[1.0, 2.0], [-3.0, 0.25]], "f4")
    return Case(Line(), rows, lambda native, given: native(given).numpy(), read_as="_UserObject")


def own_classes() -> Case:
    """A Keras model with a class that is registered, and one that is given."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), Doubled(), keras.layers.Dense(3, "gelu"), Halved()])
    rows = np.array([[1.0, 2.0], [-3.0, 0.25]], "f4")
    options = {"custom_objects": {"Halved": Halved}}
    return Case(model, rows, lambda native, given: native.predict(given, verbose=0), options=options)


def several() -> Case:
    """Two inputs by name, and two answers."""
    keras.utils.set_random_seed(0)
    size, place = keras.Input((1,), name="size"), keras.Input((2,), name="place")
    both = keras.layers.Concatenate()([size, place])
    answers = {"price": keras.layers.Dense(1)(both), "kind": keras.layers.Dense(3, "softmax")(both) + 0.0}
    model = keras.Model({"size": size, "place": place}, answers)
    rows = {"size": np.array([[1.0], [2.0]], "f4"), "place": np.array([[0.5, 0.1], [0.0, 1.0]], "f4")}
    return Case(model, rows, lambda native, given: native.predict(given, verbose=0))


CASES = {"module": module, "own_classes": own_classes, "several": several}
