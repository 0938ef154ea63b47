"""mlpack packages a trained model of any framework and serves it over HTTP, in MLflow's own package format.

>>> import mlpack
>>> mlpack.sklearn.save_model(model, "my-model", input_example=X)  # doctest: +SKIP
>>> mlpack.pyfunc.load_model("my-model").predict(X)  # doctest: +SKIP
>>> with mlpack.start_run():  # doctest: +SKIP
...     mlpack.sklearn.log_model(model, "model", registered_model_name="iris")
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

from mlpack.finder import FlavorFinder

if TYPE_CHECKING:
    from mlpack.tracking import *  # noqa: F403  the one list of what is offered here is that module's

__version__ = "0.1.0"

sys.meta_path.append(FlavorFinder)


def autolog(
    *,
    disable: bool = False,
    log_models: bool = True,
    log_input_examples: bool = True,
    log_model_signatures: bool = True,
) -> None:
    """Log what scikit-learn, XGBoost, LightGBM and Keras train from now on, until called with ``disable=True``.

    A training goes to the active run, else to one of its own, which it starts and ends. Logged are its parameters, its
    training metrics and, with ``log_models``, the model, with its signature and the first rows of the data as example
    unless these are not wanted. What a training returns and raises stays as it is; what could not be logged is told by
    one warning. Frameworks may be imported before or after; this imports none.
    """
    from mlpack_flavors.autolog import autolog_all

    autolog_all(
        disable=disable,
        log_models=log_models,
        log_input_examples=log_input_examples,
        log_model_signatures=log_model_signatures,
    )


def __getattr__(name: str) -> Any:
    """Submodules, what :mod:`mlpack.tracking` offers, and flavors of other distributions, on first use.

    ``import mlpack`` itself loads next to nothing.
    """
    if name.startswith("_"):
        raise AttributeError(f"module 'mlpack' has no attribute {name!r}")
    module = f"mlpack.{name}"
    if PathFinder.find_spec(module, sys.modules[__name__].__path__) is None:
        tracking = import_module("mlpack.tracking")
        if name in tracking.__all__:
            globals()[name] = getattr(tracking, name)
            return globals()[name]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise AttributeError(f"module 'mlpack' has no attribute {name!r}") from error
