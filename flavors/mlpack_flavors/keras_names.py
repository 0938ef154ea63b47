"""What a file of Keras names, looked at before Keras builds it.

Keras describes a model by JSON that names classes and functions, makes the classes and calls the functions. Its safe
mode refuses Python code, and a list of functions that grows with each hole (CVE-2025-1550, -8747, -9906). Here it is
the other way round: a name is one of those that models are made of, or the user's own code has registered it with
Keras. Nothing is imported to find out.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import isclass, isfunction
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidPackage, UnsafePackage

#: Where the functions are that a layer, a loss or a metric is given. Keras writes their names alone, as of builtins.
_FUNCTIONS = ("keras.activations", "keras.losses", "keras.metrics")
_FACTORIES = {"deserialize", "get", "serialize"}
#: Where the classes are whose modules an HDF5 file leaves out.
_CLASSES = ("keras.layers", "keras.src.models", "keras.constraints", "keras.initializers", "keras.regularizers")
#: Layers that hold programs of other libraries, or say where one is.
_FOREIGN = {"FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"}
#: How values are written. A lambda is Python code: Keras's own safe mode refuses it.
_VALUES = {f"__{name}__" for name in ("bytes", "ellipsis", "keras_tensor", "lambda", "numpy", "slice", "tensor")}


@dataclass(frozen=True)
class _Named:
    """A class or function as a file describes it; ``key`` is what it would be registered by."""

    module: Any  # its name, or None
    name: str
    key: str
    is_function: bool

    @property
    def is_of_keras(self) -> bool:
        return f"{self.module}.".startswith("keras.")

    @property
    def makes_models(self) -> bool:
        """Whether it is something of Keras that models are made of."""
        if self.is_function:
            modules: list[Any] = [each for each in _FUNCTIONS if self.module in ("builtins", each)]
            return self.name not in _FACTORIES and any(isfunction(_find(each, self.name)) for each in modules)
        modules = [self.module] if self.is_of_keras else [] if self.module else [*_CLASSES]
        return self.name not in _FOREIGN and any(isclass(_find(each, self.name)) for each in modules)


def check(keras: Any, path: Path, custom_objects: Mapping[str, Any]) -> None:
    """Look at a ``.keras`` or ``.h5`` file that is going to be loaded.

    Raises:
        UnsafePackage: it names something of Keras that no model is made of.
        InvalidPackage: it names something that is neither Keras's nor registered here.
    """
    for named in _names(path):
        if named.makes_models or keras.saving.get_registered_object(named.key, custom_objects) is not None:
            continue
        if named.is_of_keras:
            raise UnsafePackage(f"{path.name} names {named.module}.{named.name}, which no model is made of")
        tip = "import what registers it first, or save the model with mlpack.tensorflow, which brings it along"
        raise InvalidPackage(f"{path.name} names {named.name}, which is not registered with Keras", tip=tip)


def registered(keras: Any, path: Path) -> dict[str, Any]:
    """What a file names and the user's own code has registered with Keras."""
    found = {named.key: keras.saving.get_registered_object(named.key) for named in _names(path)}
    return {key: value for key, value in found.items() if value is not None}


def _find(module: Any, name: str) -> Any:
    return vars(sys.modules[module]).get(name) if module in sys.modules else None


def _names(path: Path) -> Iterator[_Named]:
    for entry in _entries(_description(path)):
        kind, module = entry["class_name"], entry.get("module")
        if kind == "function":
            yield _Named(module, entry["config"], entry["config"], is_function=True)
        elif kind not in _VALUES:
            yield _Named(module, kind, entry.get("registered_name", kind), is_function=False)


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and "class_name" in value:
        yield value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _entries(part)


def _description(path: Path) -> Any:
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    import h5py

    with h5py.File(path, "r") as file:
        return json.loads(file.attrs["model_config"])
