"""Models in plain Python: a PythonModel, a function, a code file, or a loader module with its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.predict_functions import Call, signature_of
from mlpack.python_model import predict_function, streams
from mlpack_flavors.artifacts import copy_artifacts
from mlpack_flavors.python_files import (
    CODE_LOADER,
    LOADER,
    Loaded,
    method_of,
    read_data,
    read_model,
    write_code,
    write_data,
    write_pickle,
)


class PythonFunctionFlavor(Flavor[Any]):
    """Python code of the user's own."""

    name = "python_function"
    distribution = "cloudpickle"
    modules = ("cloudpickle",)
    loader_module = LOADER
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
            return Written(None, write_data(folder, loader_module, data_path, bool(streamable)), needed)
        if model is None or data_path is not None:
            raise InvalidArgument("give either python_model, perhaps with artifacts, or loader_module with data_path")
        if isinstance(model, (str, PathLike)):
            python_model, pyfunc = write_code(folder, Path(model), model_config or {})
        else:
            python_model, pyfunc = write_pickle(folder, model, brought)
        pyfunc["streamable"] = streams(python_model) if streamable is None else streamable
        if artifacts:
            pyfunc["artifacts"] = copy_artifacts(folder, artifacts)
        return Written(None, pyfunc, signature=signature_of(predict_function(python_model)))

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Loaded:
        """Read the model and have it open its artifacts, or call the loader module."""
        loader = str(section["loader_module"])
        if loader not in (LOADER, CODE_LOADER):
            return read_data(folder, loader, section, config)
        return read_model(folder, section, config)

    def is_row_wise(self, model: Loaded) -> bool:
        """Where the model says that it is ``batchable``."""
        return getattr(model.model, "batchable", False) is True

    def predictor(self, model: Loaded, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Call ``predict``, or the method that the manifest names, with as much as it takes."""
        return Call(method_of(model.model, section.get("predict_fn") or "predict"), model.context)

    def stream_predictor(
        self, model: Loaded, section: Mapping[str, Any], config: Mapping[str, Any]
    ) -> Callable[[Any, dict[str, Any] | None], Iterator[Any]] | None:
        """Call ``predict_stream`` where the manifest says that there is one."""
        if not section.get("streamable"):
            return None
        return Call(method_of(model.model, section.get("predict_stream_fn") or "predict_stream"), model.context).stream

    def unwrap(self, model: Loaded) -> Any:
        """The PythonModel, or what the loader module returned."""
        return model.model


flavor = PythonFunctionFlavor()
