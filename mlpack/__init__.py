"""mlpack packages a trained model of any framework and serves it over HTTP, in MLflow's own package format.

>>> import mlpack
>>> mlpack.sklearn.save_model(model, "my-model", input_example=X)  # doctest: +SKIP
>>> mlpack.pyfunc.load_model("my-model").predict(X)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"


def __getattr__(name: str) -> ModuleType:
    """Submodules on first use, so that ``import mlpack`` loads no framework and still ``mlpack.sklearn`` is there."""
    if name.startswith("_"):
        raise AttributeError(f"module 'mlpack' has no attribute {name!r}")
    try:
        return import_module(f"mlpack.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"mlpack.{name}":
            raise
        raise AttributeError(f"module 'mlpack' has no attribute {name!r}") from None
