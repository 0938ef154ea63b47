"""ONNX models, predicted by onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Predictor, Written
from mlpack_flavors import onnx_session

#: A message of protobuf has at most 2 GiB: the weights of larger models go into files of their own.
_LARGE = 1 << 30
Providers = Sequence[str | tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Saved:
    """A model's file and what its section of the manifest says: onnxruntime opens files, not loaded models."""

    file: Path
    section: Mapping[str, Any]


class ONNXFlavor(Flavor[Any]):
    """ModelProto objects, as ``onnx.load`` returns them.

    Not row-wise: a graph may have a fixed number of rows, or compute over all of them.
    """

    name = "onnx"
    distribution = "onnx"
    extra = "onnx"
    modules = ("onnx", "onnxruntime", "numpy")
    version_key = "onnx_version"
    loader_module = "mlflow.onnx"
    model_argument = "onnx_model"

    def write(
        self,
        model: Any,
        folder: Path,
        *,
        onnx_execution_providers: Providers = ("CUDAExecutionProvider", "CPUExecutionProvider"),
        onnx_session_options: Mapping[str, Any] | None = None,
        save_as_external_data: bool | None = None,
    ) -> Written:
        """Write ``model.onnx``.

        ``onnx_execution_providers`` are names of onnxruntime, or pairs of a name and its options, the best first;
        ``onnx_session_options`` may have ``intra_op_num_threads``, ``inter_op_num_threads``, ``execution_mode``,
        ``graph_optimization_level`` and ``extra_session_config``. ``save_as_external_data`` puts the weights into
        files of their own: unless given, where the model has more than 1 GiB.

        Raises InvalidArgument for unknown options, and for what is not a valid ModelProto.
        """
        onnx = self.framework()
        if not isinstance(model, onnx.ModelProto):
            raise InvalidArgument(f"a {type(model).__name__} is not a model of ONNX", tip="onnx.load returns one")
        options = onnx_session.check_options(onnx_session_options)
        external = model.ByteSize() > _LARGE if save_as_external_data is None else save_as_external_data
        path = folder / "model.onnx"
        onnx.save_model(model, path, save_as_external_data=external)
        try:
            onnx.checker.check_model(path)
        except onnx.checker.ValidationError as error:
            raise InvalidArgument(f"this is not a valid model of ONNX: {str(error).splitlines()[0]}") from error
        named = [each if isinstance(each, str) else [each[0], dict(each[1])] for each in onnx_execution_providers]
        return Written.to(path.name, providers=named, onnx_session_options=options)

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Saved:
        """Find the model's file."""
        return Saved(self.data(folder, section, "model.onnx"), section)

    def unwrap(self, model: Saved) -> Any:
        """The ModelProto."""
        return self.framework().load(model.file)

    def predictor(self, model: Saved, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Run a session on one of the providers that are there: see :func:`mlpack_flavors.onnx_session.predict`."""
        runtime = self.framework("onnxruntime")
        session = onnx_session.open_session(runtime, model.file, model.section)
        return lambda data, params: onnx_session.predict(session, data)


flavor = ONNXFlavor()
