"""Autologging of Keras 3, on any backend: ``fit`` of its models, whose epochs are logged as they go by."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from mlpack_flavors.autolog.integration import Integration

if TYPE_CHECKING:
    from mlpack_flavors.autolog.record import Record

#: Those arguments of ``fit`` that are data, or that have no part in what is learned.
_NO_PARAMS = {"self", "x", "y", "sample_weight", "validation_data", "callbacks", "verbose"}


def _watch(integration: Integration, keras: Any) -> None:
    trainer = next(kind for kind in keras.Model.__mro__ if "fit" in vars(kind))
    integration.watch(trainer, "fit", _fit_steps)


def _fit_steps(record: Record, call: Mapping[str, Any]) -> Generator[Mapping[str, Any], Any, None]:
    from keras.callbacks import LambdaCallback

    model = call["self"]
    record.params({name: value for name, value in call.items() if name not in _NO_PARAMS})
    record.params({f"optimizer_{name}": value for name, value in model.optimizer.get_config().items()})
    example = record.example(call["x"], _first_rows)
    telling = LambdaCallback(on_epoch_end=lambda epoch, logs: record.metrics(logs, epoch))
    yield {"callbacks": [call["callbacks"] or [], telling]}  # Keras takes lists of lists
    record.model(model, example)


def _first_rows(data: Any, count: int) -> Any:
    """The first rows of an array, a tensor or a frame, of a dict of these, or of a data set of TensorFlow."""
    import numpy as np

    from mlpack_flavors.autolog.record import first_rows

    if hasattr(data, "element_spec"):  # a data set of TensorFlow, in batches
        data = next(iter(data))
        data = data[0] if isinstance(data, tuple) else data
    if isinstance(data, Mapping):
        return {name: _first_rows(column, count) for name, column in data.items()}
    if isinstance(data, (list, tuple)):
        raise TypeError("inputs without names; give a dict of them")
    rows = first_rows(data, count)
    return rows if hasattr(rows, "iloc") else np.asarray(rows)


autolog = Integration("keras", {"keras": _watch}).autolog
