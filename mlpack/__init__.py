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
