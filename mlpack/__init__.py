"""mlpack packages a trained model of any framework and serves it over HTTP, in MLflow's own package format.

>>> import mlpack
>>> mlpack.sklearn.save_model(model, "my-model", input_example=X)  # doctest: +SKIP
>>> mlpack.pyfunc.load_model("my-model").predict(X)  # doctest: +SKIP
>>> with mlpack.start_run():  # doctest: +SKIP
...     mlpack.sklearn.log_model(model, "model", registered_model_name="iris")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlpack.tracking import *  # noqa: F403  the one list of what is offered here is that module's

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Submodules, and what :mod:`mlpack.tracking` offers, on first use: ``import mlpack`` loads next to nothing."""
    if name.startswith("_"):
        raise AttributeError(f"module 'mlpack' has no attribute {name!r}")
    try:
        return import_module(f"mlpack.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"mlpack.{name}":
            raise
    tracking = import_module("mlpack.tracking")
    if name not in tracking.__all__:
        raise AttributeError(f"module 'mlpack' has no attribute {name!r}")
    globals()[name] = getattr(tracking, name)
    return globals()[name]
