"""What is logged of the ``fit`` of any class that follows scikit-learn's conventions."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from mlpack_flavors.autolog.scores import Data, training_scores

if TYPE_CHECKING:
    from mlpack_flavors.autolog.record import Record


def fit_steps(record: Record, call: Mapping[str, Any], *, deep: bool = True) -> Generator[Mapping[str, Any], Any, Any]:
    """The params and the class of an estimator; once it is fitted, its training scores and the model.

    ``deep`` says whether the params of the estimators within it are among its own. Returns the example.
    """
    model, features, *_ = call.values()
    params = model.get_params(deep=deep)
    record.tags(class_tags(model))
    record.params(params)
    example = record.example(features)
    data = Data(features, call.get("y", call.get("Y")), call.get("sample_weight"))
    if any(name.rpartition("__")[2].startswith("copy") and value is False for name, value in params.items()):
        data = deepcopy(data)  # fit may write over them
    yield {}
    with record.failures.attempt("training scores"):
        record.metrics(training_scores(model, data))
    record.model(model, example)
    return example


def class_tags(model: Any) -> dict[str, str]:
    """The tags by which MLflow names the class of an estimator."""
    kind = type(model)
    return {"estimator_name": kind.__name__, "estimator_class": f"{kind.__module__}.{kind.__name__}"}
