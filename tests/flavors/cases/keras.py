"""A classifier on arrays, and the same on a frame."""

from typing import Any

import keras
import pandas as pd
from sklearn.datasets import load_iris

from tests.flavors.cases import Case


def classifier() -> Any:
    """A small network, trained for a moment."""
    data, target = load_iris(return_X_y=True)
    keras.utils.set_random_seed(0)
    scale = keras.layers.Normalization()
    layers = [keras.Input((4,)), scale, keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential(layers)
    scale.adapt(data)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    model.fit(data, target, batch_size=len(data), epochs=3, verbose=0)
    return model


def array() -> Case:
    """Probabilities of three classes, of more rows than Keras computes together."""
    data, _ = load_iris(return_X_y=True)
    return Case(classifier(), data.astype("f4"), lambda native, rows: native.predict(rows, verbose=0))


def frame() -> Case:
    """The same for a frame, which is answered by one with the same index."""
    data, _ = load_iris(return_X_y=True, as_frame=True)
    return Case(classifier(), data.iloc[::17], _on_frame)


def _on_frame(native: Any, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(native.predict(rows.to_numpy(), verbose=0), index=rows.index)


CASES = {"array": array, "frame": frame}
