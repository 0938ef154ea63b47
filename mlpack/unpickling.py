"""The one place where anything of a package is unpickled, and where its code is imported or run.

All of it happens with MLflow's names at hand (:mod:`mlpack.standins`), and what the package's code raises becomes an
InvalidPackage of one line. Where a policy says which packages may do this, it is asked here.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
import sys
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from mlpack import code_model, standins
from mlpack.errors import InvalidPackage, MissingFramework, MlpackError, UnknownFlavor, UnsafePackage, first_line
from mlpack.python_model import PythonModel, as_model

_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


@contextmanager
def code_of_package(what: str, file: Path | None = None) -> Iterator[None]:
    """Run code of a package in this block; ``what`` and the line of ``file`` tell where it failed, if it does.

    Raises:
        MissingFramework: the code needs MLflow itself.
        InvalidPackage: the code raised.
    """
    try:
        with standins.active():
            yield
    except MlpackError:
        raise
    except Exception as error:
        where = f"{what}{_line(error, file)}"
        reason = first_line(error)
        if isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "mlflow":
            raise MissingFramework("mlflow", needed_for=f"{where} ({reason})") from error
        tip = f"install {error.name}, or save it with code_paths" if isinstance(error, ModuleNotFoundError) else ""
        raise InvalidPackage(f"{where}: {type(error).__name__}: {reason}", tip=tip) from error


def unpickle(path: Path, load: Callable[[Any], Any] = pickle.load) -> Any:
    """The object in a pickle, plain or compressed by gzip, bzip2 or xz as its suffix says.

    ``load`` is what reads the open file where a framework has its own way of pickling.

    Raises:
        InvalidPackage: it cannot be read here, as when a module that it needs is not installed.
    """
    with code_of_package(path.name), _OPENERS.get(path.suffix, open)(path, "rb") as file:
        return load(file)


def import_loader(name: str) -> Callable[..., Any]:
    """The ``_load_pyfunc`` of a loader module, which is in the package's code or installed.

    A module of the standard library is not imported to find out that it has none.

    Raises:
        UnsafePackage: the module is of the standard library.
        UnknownFlavor: the module is MLflow's own, and MLflow is not installed.
        InvalidPackage: it cannot be found or imported, or has no ``_load_pyfunc``.
    """
    if name.partition(".")[0] in sys.stdlib_module_names:
        raise UnsafePackage(f"MLmodel: loader_module names {name!r} of Python's standard library")
    try:
        with code_of_package(f"loader_module {name!r}"):
            module = import_module(name)
    except MissingFramework as error:
        if name.startswith("mlflow."):
            raise UnknownFlavor(name, ["python_function"]) from error
        raise
    loader = getattr(module, "_load_pyfunc", None)
    if not callable(loader):
        raise InvalidPackage(f"MLmodel: the loader_module {name!r} has no _load_pyfunc")
    found: Callable[..., Any] = loader
    return found


def run_code_file(path: Path, config: Mapping[str, Any]) -> PythonModel:
    """Run a code file as a module of its own; the model that it gave to ``set_model``.

    Raises:
        InvalidPackage: it raised (the message has the line), or it set no model.
    """
    module = ModuleType(f"mlpack_code_{uuid.uuid4().hex}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        with code_of_package(path.name, path), code_model.running(config) as run, _installed_mlflow(path, run):
            exec(compile(path.read_bytes(), path, "exec", dont_inherit=True), vars(module))  # noqa: S102  this is the place for it
        if run.model is None:
            raise InvalidPackage(f"{path.name} sets no model", tip="end it with set_model(...)")
    except BaseException:
        del sys.modules[module.__name__]
        raise
    return run.model


@contextmanager
def _installed_mlflow(path: Path, run: code_model.Run) -> Iterator[None]:
    """Tell an installed MLflow the configuration of a code file that uses it, and ask it for the model."""
    if b"mlflow" not in path.read_bytes():
        yield
        return
    models: Any = import_module("mlflow.models.model")
    configs: Any = import_module("mlflow.models.model_config")
    if not hasattr(models, "__mlflow_model__"):  # a stand-in, whose set_model is ours
        yield
        return
    models.__mlflow_model__ = None
    configs._set_model_config(dict(run.config) or "")
    try:
        yield
    finally:
        configs._set_model_config(None)
    if run.model is None and models.__mlflow_model__ is not None:
        run.model = as_model(models.__mlflow_model__)


def _line(error: BaseException, file: Path | None) -> str:
    """The last line of ``file`` that was running, or the one that cannot be read."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return f" line {error.lineno}"
    lines = [at for frame, at in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == str(file)]
    return f" line {lines[-1]}" if lines else ""
