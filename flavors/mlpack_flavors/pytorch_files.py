"""Modules of PyTorch as files: exported programs (``torch.export``), TorchScript, and pickles.

All of them are read onto the CPU, wherever they were saved.
"""

from __future__ import annotations

import warnings
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import cloudpickle

from mlpack.errors import InvalidArgument, InvalidPackage, first_line
from mlpack.requirements import modules_in_pickle
from mlpack.unpickling import code_of_package, unpickle
from mlpack_flavors.pytorch_programs import export, moved

FORMATS = ("pt2", "pickle")
_EXPORTED = "model.pt2"
_PICKLED = "model.pth"
#: MLflow imports the module that this file names, to unpickle with; cloudpickle's pickles are read by any.
_UNPICKLER = ("pickle_module_info.txt", "mlflow.pytorch.pickle_module")


def write(torch: Any, module: Any, folder: Path, serialization_format: str | None, example: Any) -> set[str]:
    """Write a module as :meth:`mlpack_flavors.pytorch.PyTorchFlavor.write` says; the modules that a pickle needs.

    Raises:
        InvalidArgument: it cannot be written in that format.
    """
    scripted = isinstance(module, torch.jit.ScriptModule)
    wanted = serialization_format == "pt2"
    if wanted or (serialization_format is None and example is not None and not scripted):
        try:
            export(torch, module, example, folder / _EXPORTED)
            return set()
        except InvalidArgument as error:
            if wanted:
                raise
            warnings.warn(f"{error}; it is written as a pickle", stacklevel=5)
    (folder / _UNPICKLER[0]).write_text(_UNPICKLER[1], "utf-8")
    path = folder / _PICKLED
    if scripted:
        torch.jit.save(module, path)
        return set()
    try:
        torch.save(module, path, pickle_module=cloudpickle)
    except Exception as error:  # whatever a part of it raises that cannot be pickled
        reason = f"{type(error).__name__}: {first_line(error)}"
        raise InvalidArgument(f"this {type(module).__name__} cannot be pickled: {reason}") from error
    return {"cloudpickle", *modules_in_pickle(path)}


def read(torch: Any, folder: Path) -> Any:
    """The module in a package's folder, or the ExportedProgram.

    Reading an exported program runs expressions that are in it, so that it is code of the package as a pickle is.
    """
    exported, path = folder / _EXPORTED, folder / _PICKLED
    if exported.exists():
        with code_of_package(exported.name):
            return torch.export.load(exported)
    if _is_script(path):
        module = torch.jit.load(path, map_location="cpu")
    else:
        module = unpickle(path, partial(torch.load, map_location="cpu", weights_only=False))
    if not isinstance(module, torch.nn.Module):
        raise InvalidPackage(f"{path.name} holds a {type(module).__name__}, not a module of PyTorch")
    return module.eval()


def on_device(torch: Any, model: Any, device: str) -> Any:
    """The module of what :func:`read` gave, on a device."""
    if isinstance(model, torch.nn.Module):
        return model.to(device)
    return (model if device == "cpu" else moved(model, device)).module()


def _is_script(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())
