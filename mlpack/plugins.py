"""Which flavors there are: the built-in table, and those that other distributions register.

A third party registers ``[project.entry-points."mlpack.flavors"]`` with ``acme = "mlpack_acme:flavor"``. It cannot take
the name of a built-in flavor.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor

ENTRY_POINTS = "mlpack.flavors"

#: The built-in flavors: name -> the loader modules that manifests name for it. Each lives in ``mlpack_flavors.<name>``.
BUILT_IN: dict[str, tuple[str, ...]] = {
    "sklearn": ("mlflow.sklearn",),
    "xgboost": ("mlflow.xgboost",),
    "lightgbm": ("mlflow.lightgbm",),
    "catboost": ("mlflow.catboost",),
    "onnx": ("mlflow.onnx",),
    "statsmodels": ("mlflow.statsmodels",),
    "pytorch": ("mlflow.pytorch",),
    "transformers": ("mlflow.transformers",),
    "sentence_transformers": ("mlflow.sentence_transformers",),
    "prophet": ("mlflow.prophet",),
    "pmdarima": ("mlflow.pmdarima",),
    "keras": ("mlflow.keras",),
    "tensorflow": ("mlflow.tensorflow",),
    "h2o": ("mlflow.h2o",),
    "spark": ("mlflow.spark",),
    "spacy": ("mlflow.spacy",),
    "fastai": ("mlflow.fastai", "mlpack.fastai"),
    "python_function": ("mlflow.pyfunc.model", "mlflow.pyfunc.loaders.code_model"),
}


def names() -> list[str]:
    """The names of all flavors that are installed here, built-in first."""
    return [*BUILT_IN, *sorted(third_party())]


@cache
def get(name: str) -> Flavor[Any]:
    """The flavor of that name; raises InvalidArgument, with the nearest name, where there is none."""
    if name in BUILT_IN:
        flavor = import_module(f"mlpack_flavors.{name}").flavor
    elif name in third_party():
        flavor = third_party()[name].load()
    else:
        raise InvalidArgument.unknown("flavor", name, names())
    if not isinstance(flavor, Flavor):
        raise InvalidArgument(f"flavor {name!r} is {type(flavor).__name__}, not a mlpack.flavor.Flavor")
    return flavor


def for_loader(loader_module: str) -> Flavor[Any]:
    """The flavor that loads packages whose manifest names ``loader_module``.

    A module that no flavor owns is a user's own ``loader_module``, which ``python_function`` loads.
    """
    for name, loaders in BUILT_IN.items():
        if loader_module in loaders:
            return get(name)
    for name in third_party():
        if loader_module == get(name).loader_module:
            return get(name)
    return get("python_function")


@cache
def third_party() -> dict[str, EntryPoint]:
    """The entry points of flavors that other distributions register, by the names of the flavors."""
    found = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    return {name: point for name, point in found.items() if name not in BUILT_IN}
