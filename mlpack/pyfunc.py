"""Load a package of any flavor and predict with it, and package Python code of your own.

``load_model(uri).predict(data)`` works for every flavor; ``save_model(path, python_model=...)`` packages a
:class:`PythonModel`, a function, a code file, or a loader module with its data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpack import plugins
from mlpack.digest import package_digest
from mlpack.enforcement import enforce, enforce_params
from mlpack.errors import InvalidArgument
from mlpack.examples import read_example, read_serving_input, read_serving_output
from mlpack.files import MLMODEL
from mlpack.loading import Loaded, load, reading
from mlpack.manifest import PYTHON_FUNCTION, Model
from mlpack.python_model import PythonModel, PythonModelContext
from mlpack.signature import ModelSignature
from mlpack.table import Table

if TYPE_CHECKING:
    from mlpack.models.info import ModelInfo

__all__ = ["PyFuncModel", "PythonModel", "PythonModelContext", "load_model", "log_model", "save_model"]


class PyFuncModel:
    """A loaded model of any flavor: ``predict`` takes and checks what the signature says."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        arguments = (loaded.model, loaded.section, loaded.config)
        with reading(loaded.flavor):
            self._predictor = loaded.flavor.predictor(*arguments)
        self._streamer = loaded.flavor.stream_predictor(*arguments)

    @property
    def metadata(self) -> Model:
        """The package's manifest."""
        return self._loaded.package.manifest

    @property
    def model_config(self) -> dict[str, Any]:
        """The configuration that the model was loaded with."""
        return self._loaded.config

    @property
    def loader_module(self) -> str:
        """The module that the manifest names as loader."""
        return str(self._loaded.section["loader_module"])

    @property
    def model_id(self) -> str | None:
        """The id that a tracking server gave the model, if one did."""
        return self.metadata.model_id

    @property
    def flavor(self) -> str:
        """The name of the flavor that loaded the model."""
        return self._loaded.flavor.name

    @property
    def folder(self) -> Path:
        """The folder of the package."""
        return self._loaded.package.folder

    @property
    def digest(self) -> str:
        """The digest of the package as it is now; see :func:`mlpack.digest.package_digest`."""
        return package_digest(self.folder, self.metadata)

    @property
    def row_wise(self) -> bool:
        """Whether rows are predicted independently, so that requests may be predicted together."""
        return self._loaded.flavor.is_row_wise(self._loaded.model)

    @property
    def is_plain(self) -> bool:
        """Whether predicting is a library's plain computation, in which no code of a user's own has a part."""
        return self._loaded.flavor.row_wise and self.row_wise

    @property
    def can_stream(self) -> bool:
        """Whether :meth:`predict_stream` works."""
        return self._streamer is not None

    @property
    def input_example(self) -> Any:
        """The example that was saved with the model, without its params, or None."""
        example = self.stored_example()
        return None if example is None else example[0]

    def stored_example(self) -> tuple[Any, dict[str, Any] | None] | None:
        """Data and params of the example that was saved with the model, or None where there is none."""
        info = self.metadata.saved_input_example_info
        return None if info is None else read_example(self.folder, info)

    def serving_example(self) -> bytes | None:
        """The request body that was stored with the model as an example, or None where there is none."""
        info = self.metadata.saved_input_example_info
        return None if info is None else read_serving_input(self.folder, info)

    def serving_answer(self) -> bytes | None:
        """The answer to that request when the model was saved, or None where it is not stored."""
        info = self.metadata.saved_input_example_info
        return None if info is None else read_serving_output(self._loaded.package.folder)

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Predict, after checking ``data`` and ``params`` against the signature.

        ``data`` is a DataFrame, Series, array, matrix of SciPy, dict, list or scalar, as the signature says.

        Raises:
            SchemaMismatch: data or params do not fit the signature; names the column.
        """
        return self.predict_checked(*self._check(data, params))

    def predict_checked(self, data: Any, params: dict[str, Any] | None) -> Any:
        """Predict on data and params that fit the signature already; ``data`` may be a Table. What servers call."""
        if isinstance(data, Table) and not self._loaded.flavor.takes_table:
            data = data.frame()
        return self._predictor(data, params)

    def predict_stream(self, data: Any, params: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Predict piece by piece, after the same checks as :meth:`predict`.

        Raises:
            InvalidArgument: the model has no ``predict_stream``.
        """
        return self.stream_checked(*self._check(data, params))

    def stream_checked(self, data: Any, params: dict[str, Any] | None) -> Iterator[Any]:
        """Predict piece by piece on data and params that fit the signature already. What servers call."""
        if self._streamer is None:
            raise InvalidArgument("this model does not stream: it has no predict_stream", tip="use predict")
        return self._streamer(data.frame() if isinstance(data, Table) else data, params)

    def get_raw_model(self) -> Any:
        """The framework's own model."""
        return self._loaded.flavor.unwrap(self._loaded.model)

    def unwrap_python_model(self) -> Any:
        """The PythonModel or function that was saved; raises InvalidArgument for models of other flavors."""
        if self._loaded.flavor.name != PYTHON_FUNCTION:
            raise InvalidArgument(f"this is a model of {self._loaded.flavor.name}, not a PythonModel")
        return self.get_raw_model()

    def __repr__(self) -> str:
        return f"<PyFuncModel loader={self.loader_module!r} flavors={sorted(self.metadata.flavors)}>"

    def _check(self, data: Any, params: Mapping[str, Any] | None) -> tuple[Any, dict[str, Any] | None]:
        # A signature that came from type hints describes what the model's own validation does.
        hinted = self.metadata.is_signature_from_type_hint
        schema = None if hinted else self.metadata.get_input_schema()
        return enforce(data, schema), enforce_params(params, self.metadata.get_params_schema())


def load_model(
    model_uri: str | PathLike[str],
    suppress_warnings: bool = False,
    model_config: Mapping[str, Any] | None = None,
) -> PyFuncModel:
    """Load a package of any flavor to predict with it.

    ``model_config`` overrides keys of the configuration that was saved with the model.

    Raises:
        PackageNotFound: nothing is at ``model_uri``.
        UnknownFlavor: the package cannot predict, or no flavor here can load it.
        InvalidPackage: it cannot be used, could harm, or is not what was saved.
        MissingFramework: its framework is not installed.
    """
    return PyFuncModel(load(model_uri, model_config=model_config, suppress_warnings=suppress_warnings))


def load_for_mlflow(data_path: str, model_config: Mapping[str, Any] | None = None) -> PyFuncModel:
    """What a module that a manifest names as loader offers MLflow as ``_load_pyfunc``.

    ``data_path`` is the package, or what its manifest calls ``data``.
    """
    place = Path(data_path)
    folder = next(each for each in (place, *place.parents) if (each / MLMODEL).is_file())
    return load_model(folder, model_config=model_config)


def save_model(  # noqa: PLR0913  as people know it from MLflow
    path: str | PathLike[str],
    loader_module: str | None = None,
    data_path: str | PathLike[str] | None = None,
    *,
    python_model: PythonModel | Callable[..., Any] | str | PathLike[str] | None = None,
    artifacts: Mapping[str, str] | None = None,
    signature: ModelSignature | bool | None = None,
    input_example: Any = None,
    streamable: bool | None = None,
    **shared: Any,
) -> None:
    """Package Python code of your own to ``path``.

    Give either ``python_model`` (a PythonModel, a function, or the path of a code file that calls ``set_model``) with
    ``artifacts`` (name -> path of a file or folder to copy in), or ``loader_module`` (a module with
    ``_load_pyfunc(data_path)``) with ``data_path``. ``shared`` are the arguments that every flavor's ``save_model``
    takes: ``pip_requirements``, ``code_paths``, ``model_config``, ``metadata``, ...

    Raises:
        InvalidArgument: an option is unknown, missing or contradicts another.
        TargetNotEmpty: something is at ``path`` already.
    """
    own = {
        "loader_module": loader_module,
        "data_path": data_path,
        "artifacts": artifacts,
        "streamable": streamable,
    }
    given: dict[str, Any] = {name: value for name, value in own.items() if value is not None}
    flavor = plugins.get(PYTHON_FUNCTION)
    flavor.save_model(python_model, path, signature=signature, input_example=input_example, **given, **shared)


def log_model(
    artifact_path: str | None = None,
    loader_module: str | None = None,
    data_path: str | PathLike[str] | None = None,
    *,
    python_model: PythonModel | Callable[..., Any] | str | PathLike[str] | None = None,
    name: str | None = None,
    registered_model_name: str | None = None,
    **shared: Any,
) -> ModelInfo:
    """Package Python code of your own and keep it in the store that is configured.

    ``shared`` are the other arguments of :func:`save_model`, and of every flavor's ``log_model``.

    Raises:
        InvalidArgument: an option is unknown, missing or contradicts another.
        StoreFailure: the store cannot be reached or written.
    """
    own = {"loader_module": loader_module, "data_path": data_path}
    shared |= {key: value for key, value in own.items() if value is not None}
    flavor = plugins.get(PYTHON_FUNCTION)
    return flavor.log_model(
        python_model, artifact_path, name=name, registered_model_name=registered_model_name, **shared
    )
