"""The files of models in plain Python: a pickle, a code file, or the data of a loader module."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path, PureWindowsPath
from typing import Any

import cloudpickle

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.pickling import pickle_model
from mlpack.python_model import PythonModel, PythonModelContext, as_model
from mlpack.trust import inside
from mlpack.unpickling import code_of_package, import_loader, run_code_file, unpickle
from mlpack_flavors.artifacts import artifact_paths, copy_in

LOADER, CODE_LOADER = "mlflow.pyfunc.model", "mlflow.pyfunc.loaders.code_model"
_PICKLE = "python_model.pkl"


@dataclass(frozen=True)
class Loaded:
    """A model as read: a PythonModel with its context, or what a loader module returned, without one."""

    model: Any
    context: PythonModelContext | None = None


def write_code(folder: Path, file: Path, config: Mapping[str, Any]) -> tuple[PythonModel, dict[str, Any]]:
    """Copy a code file in and run it; the model that it sets, and what ``python_function`` says of it."""
    if file.suffix != ".py" or not file.is_file():
        raise InvalidArgument(f"python_model: {file} is not a Python file")
    shutil.copyfile(file, folder / file.name)
    try:
        model = run_code_file(folder / file.name, config)
    except InvalidPackage as error:
        raise InvalidArgument(error.message, tip=error.tip) from error
    return model, {"loader_module": CODE_LOADER, "model_code_path": file.name}


def write_pickle(folder: Path, given: Any, brought: Collection[str]) -> tuple[PythonModel, dict[str, Any]]:
    """Pickle a PythonModel or a function; ``brought`` are the modules that the package has in its code folder."""
    model = as_model(given)
    pickle_model(model, folder / _PICKLE, brought)
    return model, {"python_model": _PICKLE, "cloudpickle_version": cloudpickle.__version__}


def write_data(folder: Path, loader: str, data_path: str | PathLike[str] | None, streamable: bool) -> dict[str, Any]:
    """Copy in what a loader module is given; what ``python_function`` says of it."""
    pyfunc: dict[str, Any] = {"loader_module": loader, "streamable": streamable}
    if data_path is not None:
        pyfunc["data"] = copy_in(Path(data_path), folder, "data", key="data_path")
    return pyfunc


def read_data(folder: Path, loader: str, section: Mapping[str, Any], config: Mapping[str, Any]) -> Loaded:
    """What a loader module makes of its data."""
    data = inside(folder, section["data"], key="data") if section.get("data") else folder
    arguments = (fspath(data), dict(config)) if config else (fspath(data),)
    load = import_loader(loader)
    with code_of_package(f"loader_module {loader!r}"):
        return Loaded(load(*arguments))


def read_model(folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Loaded:
    """A model from its pickle or its code file, which has opened its artifacts."""
    if section.get("model_code_path"):
        # MLflow writes the path on the author's machine; the file itself is at the top of the package.
        name = PureWindowsPath(str(section["model_code_path"])).name
        model = run_code_file(inside(folder, name, key="model_code_path"), config)
    else:
        model = unpickle(inside(folder, section.get("python_model"), key="python_model"))
    context = PythonModelContext(artifact_paths(folder, section.get("artifacts") or {}), config)
    with code_of_package(f"load_context of {type(model).__name__}"):
        method_of(model, "load_context")(context)
    return Loaded(model, context)


def method_of(model: Any, name: object) -> Callable[..., Any]:
    """A method of a model that was read; raises InvalidPackage where it has none of that name."""
    method = getattr(model, str(name), None)
    if not callable(method):
        raise InvalidPackage(f"the model, a {type(model).__name__}, has no method {name!r}")
    found: Callable[..., Any] = method
    return found
