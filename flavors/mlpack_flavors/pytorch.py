"""PyTorch modules: exported programs where there is an example to trace them with, TorchScript, and pickles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.trust import inside
from mlpack_flavors import pytorch_files
from mlpack_flavors.pytorch_programs import tensor_of
from mlpack_flavors.torch_device import device_of


class PyTorchFlavor(Flavor[Any]):
    """Modules that take one tensor and answer with one; exported, scripted or pickled.

    Not row-wise: a product of matrices has other last bits in batches of other sizes.
    """

    name = "pytorch"
    distribution = "torch"
    extra = "pytorch"
    modules = ("torch", "numpy")
    version_key = "pytorch_version"
    loader_module = "mlflow.pytorch"
    model_argument = "pytorch_model"

    def write(
        self, model: Any, folder: Path, *, serialization_format: str | None = None, input_example: Any = None
    ) -> Written:
        """Write ``data/model.pt2``, which needs no class when it is read, or ``data/model.pth``.

        ``serialization_format`` is pt2 (an exported program, which is traced with the example), or pickle (also for
        TorchScript, which then holds no pickle). Unless given, a module is exported where there is an example of one
        array, tensor or DataFrame and PyTorch can trace it, else pickled.

        Raises InvalidArgument for another format, for what is no module, and for one that the format cannot hold.
        """
        torch = self.framework()
        if serialization_format not in (None, *pytorch_files.FORMATS):
            raise InvalidArgument.unknown("serialization_format", serialization_format, pytorch_files.FORMATS)
        if not isinstance(model, torch.nn.Module):
            tip = "save the module that the weights belong to" if isinstance(model, Mapping) else ""
            raise InvalidArgument(f"a {type(model).__name__} is not a module of PyTorch", tip=tip)
        data = folder / "data"
        data.mkdir()
        modules = pytorch_files.write(torch, model, data, serialization_format, input_example)
        pyfunc = {"data": "data", "pickle_module_name": "mlflow.pytorch.pickle_module", "config": {"device": None}}
        return Written({"model_data": "data"}, pyfunc, frozenset(modules))

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the module onto the CPU; an exported program stays one until it is asked for."""
        place = section.get("model_data") or section.get("data")
        return pytorch_files.read(self.framework(), inside(folder, place, key="pytorch.model_data"))

    def unwrap(self, model: Any) -> Any:
        """The module, which is on the CPU until :meth:`predictor` moves it."""
        return model if isinstance(model, self.framework().nn.Module) else model.module()

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Call the module on the device that :func:`mlpack_flavors.torch_device.device_of` says, with a tensor.

        Params are further arguments of it. A DataFrame is answered by a DataFrame, an array by an array.
        """
        torch = self.framework()
        device = device_of(torch, config)
        module = pytorch_files.on_device(torch, model, device)

        def call(data: Any, params: dict[str, Any] | None) -> Any:
            with torch.no_grad():
                answer = module(tensor_of(torch, data).to(device), **(params or {}))
            if not isinstance(answer, torch.Tensor):
                raise TypeError(f"the module answered with a {type(answer).__name__}, not with a tensor")
            array = answer.cpu().numpy()
            if not hasattr(data, "iloc"):
                return array
            import pandas as pd

            return pd.DataFrame(array, index=data.index)

        return call


flavor = PyTorchFlavor()
