"""Autologging of Keras 3, in the environment that has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import mlpack
from mlpack.client import Client
from mlpack.entities import Run
from mlpack.models import get_model_info

ROWS = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
LABELS = (ROWS.sum(axis=1) > 0).astype("int32")


def network() -> Any:
    """A small one, the same each time."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.25), "binary_crossentropy", metrics=["accuracy"])
    return model


def the_run() -> Run:
    (run,) = mlpack.search_runs(output_format="list")
    return run


def test_epochs_params_and_optimizer_are_logged(autologging: Client) -> None:
    model = network()
    history = model.fit(ROWS, LABELS, batch_size=8, epochs=3, validation_split=0.25, verbose=0)
    run = the_run()
    assert run.info.status == "FINISHED"
    for name, values in history.history.items():
        logged = autologging.get_metric_history(run.info.run_id, name)
        assert [(one.step, one.value) for one in logged] == list(enumerate(values))
    told = {"batch_size": "8", "epochs": "3", "validation_split": "0.25", "optimizer_momentum": "0.0"}
    assert told.items() <= run.data.params.items()
    assert float(run.data.params["optimizer_learning_rate"]) == 0.25


def test_the_model_is_logged_with_its_signature_and_the_first_rows(autologging: Client) -> None:
    model = network()
    model.fit(ROWS, LABELS, verbose=0)
    info = get_model_info(f"runs:/{the_run().info.run_id}/model")
    assert info.signature is not None
    assert "keras" in info.flavors
    loaded = mlpack.pyfunc.load_model(info.model_uri)
    assert np.allclose(loaded.predict(ROWS), model.predict(ROWS, verbose=0), rtol=1e-6)
    assert np.allclose(loaded.input_example, ROWS[:5])


def test_callbacks_and_weights_are_those_without(autologging: Client) -> None:
    seen: list[int] = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    given = [callback]
    one, other = network(), network()
    one.fit(ROWS, LABELS, epochs=2, callbacks=given, verbose=0)
    mlpack.autolog(disable=True)
    other.fit(ROWS, LABELS, epochs=2, callbacks=callback, verbose=0)
    assert (seen, given) == ([0, 1, 0, 1], [callback])
    assert all(map(np.array_equal, one.get_weights(), other.get_weights()))
    assert the_run().data.metrics["loss"] > 0


def test_epochs_before_a_failure_are_kept(autologging: Client) -> None:
    def fail(epoch: int, logs: Any) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    stop = keras.callbacks.LambdaCallback(on_epoch_begin=fail)
    with pytest.raises(KeyboardInterrupt):
        network().fit(ROWS, LABELS, epochs=5, callbacks=[stop], verbose=0)
    run = the_run()
    assert run.info.status == "FAILED"
    assert len(autologging.get_metric_history(run.info.run_id, "loss")) == 2


def batched() -> Any:
    tensorflow = pytest.importorskip("tensorflow")
    return tensorflow.data.Dataset.from_tensor_slices((ROWS, LABELS)).batch(8)


def tensor() -> Any:
    return keras.ops.convert_to_tensor(ROWS)


@pytest.mark.parametrize("make", [batched, tensor])
def test_tensors_and_data_sets_give_an_example_too(autologging: Client, make: Callable[[], Any]) -> None:
    data = make()
    network().fit(data, None if make is batched else LABELS, verbose=0)
    example = mlpack.pyfunc.load_model(f"runs:/{the_run().info.run_id}/model").input_example
    assert np.allclose(example, ROWS[:5])


def test_a_generator_is_not_read_for_an_example(autologging: Client) -> None:
    batches = ((ROWS[at : at + 8], LABELS[at : at + 8]) for at in (0, 8, 16))
    with pytest.warns(UserWarning, match="left out the example .* has no rows"):
        network().fit(batches, shuffle=False, verbose=0)
    assert mlpack.keras.load_model(f"runs:/{the_run().info.run_id}/model").predict(ROWS, verbose=0).shape == (24, 1)


def test_disabled_it_leaves_fit_as_it_was(client: Client) -> None:
    owner = next(kind for kind in keras.Model.__mro__ if "fit" in vars(kind))
    before = vars(owner)["fit"]
    mlpack.keras.autolog()
    mlpack.keras.autolog(disable=True)
    assert vars(owner)["fit"] is before
    network().fit(ROWS, LABELS, verbose=0)
    assert mlpack.search_runs(output_format="list") == []
