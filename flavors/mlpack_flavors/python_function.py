"""Models in plain Python: a PythonModel, a function, a code file, or a loader module with its data."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path, PureWindowsPath
from typing import Any

import cloudpickle

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.pickling import pickle_model
from mlpack.predict_functions import Call, signature_of
from mlpack.python_model import PythonModel, PythonModelContext, as_model, predict_function, streams
from mlpack.trust import inside
from mlpack.unpickling import code_of_package, import_loader, run_code_file, unpickle
from mlpack_flavors.artifacts import artifact_paths, copy_artifacts, copy_in

CODE_LOADER = "mlflow.pyfunc.loaders.code_model"
PICKLE = "python_model.pkl"


@dataclass(frozen=True)
class Loaded:
    """A model as read: a PythonModel with its context, or what a loader module returned, without one."""

    model: Any
    context: PythonModelContext | None = None


class PythonFunctionFlavor(Flavor[Any]):
    """Python code of the user's own."""

    name = "python_function"
    distribution = "cloudpickle"
    modules = ("cloudpickle",)
    loader_module = "mlflow.pyfunc.model"
    model_argument = "python_model"

    def write(  # noqa: PLR0913  options are keyword-only parameters
        self,
        model: Any,
        folder: Path,
        *,
        loader_module: str | None = None,
        data_path: str | PathLike[str] | None = None,
        artifacts: Mapping[str, str | PathLike[str]] | None = None,
        streamable: bool | None = None,
        model_config: Mapping[str, Any] | None = None,
        code_paths: Sequence[Path] = (),
    ) -> Written:
        """Write ``python_model.pkl`` or the code file, and copy artifacts; or copy the data of a loader module.

        ``model`` is a PythonModel, a function, the path of a code file, or None with ``loader_module``. ``streamable``
        is found out unless given. ``model_config`` and ``code_paths`` are those of the package.

        Raises:
            InvalidArgument: options contradict each other, a path does not exist, or the model cannot be written.
        """
        brought = {path.stem for path in code_paths}
        if loader_module is not None:
            if model is not None or artifacts:
                raise InvalidArgument(
                    "loader_module excludes python_model and artifacts: it loads data_path its own way"
                )
            needed = frozenset({loader_module.partition(".")[0]}) - brought
            return Written(None, _write_data(folder, loader_module, data_path, bool(streamable)), needed)
        if model is None or data_path is not None:
            raise InvalidArgument("give either python_model, perhaps with artifacts, or loader_module with data_path")
        if isinstance(model, (str, PathLike)):
            python_model, pyfunc = _write_code(folder, Path(model), model_config or {})
        else:
            python_model = as_model(model)
            pickle_model(python_model, folder / PICKLE, brought)
            pyfunc = {"python_model": PICKLE, "cloudpickle_version": cloudpickle.__version__}
        pyfunc["streamable"] = streams(python_model) if streamable is None else streamable
        if artifacts:
            pyfunc["artifacts"] = copy_artifacts(folder, artifacts)
        return Written(None, pyfunc, signature=signature_of(predict_function(python_model)))

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Loaded:
        """Read the model and have it open its artifacts, or call the loader module."""
        loader = str(section["loader_module"])
        if loader not in (self.loader_module, CODE_LOADER):
            data = inside(folder, section["data"], key="data") if section.get("data") else folder
            arguments = (fspath(data), dict(config)) if config else (fspath(data),)
            load = import_loader(loader)
            with code_of_package(f"loader_module {loader!r}"):
                return Loaded(load(*arguments))
        if section.get("model_code_path"):
            # MLflow writes the path on the author's machine; the file itself is at the top of the package.
            name = PureWindowsPath(str(section["model_code_path"])).name
            model = run_code_file(inside(folder, name, key="model_code_path"), config)
        else:
            model = unpickle(inside(folder, section.get("python_model"), key="python_model"))
        context = PythonModelContext(artifact_paths(folder, section.get("artifacts") or {}), config)
        with code_of_package(f"load_context of {type(model).__name__}"):
            _method(model, "load_context")(context)
        return Loaded(model, context)

    def is_row_wise(self, model: Loaded) -> bool:
        """Where the model says that it is ``batchable``."""
        return getattr(model.model, "batchable", False) is True

    def predictor(self, model: Loaded, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Call ``predict``, or the method that the manifest names, with as much as it takes."""
        return Call(_method(model.model, section.get("predict_fn") or "predict"), model.context)

    def stream_predictor(
        self, model: Loaded, section: Mapping[str, Any], config: Mapping[str, Any]
    ) -> Callable[[Any, dict[str, Any] | None], Iterator[Any]] | None:
        """Call ``predict_stream`` where the manifest says that there is one."""
        if not section.get("streamable"):
            return None
        return Call(_method(model.model, section.get("predict_stream_fn") or "predict_stream"), model.context).stream

    def unwrap(self, model: Loaded) -> Any:
        """The PythonModel, or what the loader module returned."""
        return model.model


def _method(model: Any, name: object) -> Callable[..., Any]:
    method = getattr(model, str(name), None)
    if not callable(method):
        raise InvalidPackage(f"the model, a {type(model).__name__}, has no method {name!r}")
    found: Callable[..., Any] = method
    return found


def _write_code(folder: Path, file: Path, config: Mapping[str, Any]) -> tuple[PythonModel, dict[str, Any]]:
    if file.suffix != ".py" or not file.is_file():
        raise InvalidArgument(f"python_model: {file} is not a Python file")
    shutil.copyfile(file, folder / file.name)
    try:
        model = run_code_file(folder / file.name, config)
    except InvalidPackage as error:
        raise InvalidArgument(error.message, tip=error.tip) from error
    return model, {"loader_module": CODE_LOADER, "model_code_path": file.name}


def _write_data(folder: Path, loader: str, data_path: str | PathLike[str] | None, streamable: bool) -> dict[str, Any]:
    pyfunc: dict[str, Any] = {"loader_module": loader, "streamable": streamable}
    if data_path is not None:
        pyfunc["data"] = copy_in(Path(data_path), folder, "data", key="data_path")
    return pyfunc


flavor = PythonFunctionFlavor()
