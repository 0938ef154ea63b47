"""Models as pickles that MLflow can read where mlpack is not installed."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import cloudpickle

from mlpack import standins
from mlpack.errors import InvalidArgument
from mlpack.python_model import PythonModel

_OURS = {"mlpack", "mlpack_flavors", "mlpack_serving"}
_SITES = {"site-packages", "dist-packages"}


def pickle_object(model: object, path: Path, library: str = "cloudpickle") -> None:
    """Write a model of a framework by ``pickle`` or ``cloudpickle``, in the protocol that the most Pythons read.

    Raises:
        InvalidArgument: something in it cannot be pickled.
    """
    with path.open("wb") as file:
        try:
            (cloudpickle if library == "cloudpickle" else pickle).dump(model, file, pickle.DEFAULT_PROTOCOL)
        except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidArgument(
                f"{type(model).__name__} cannot be written as {library}: {error}",
                tip="" if library == "cloudpickle" else "use serialization_format='cloudpickle'",
            ) from error


def pickle_model(model: PythonModel, path: Path, shipped: Collection[str]) -> None:
    """Write a model so that MLflow unpickles it with no mlpack installed.

    The classes of this library are written under MLflow's names. The classes of the model itself are written in full,
    except those that are installed and those of modules in ``shipped``, which the package brings, that do without
    mlpack: these are referred to. All else that the model refers to is written as cloudpickle does.

    Raises:
        InvalidArgument: something in the model cannot be pickled.
    """
    with ExitStack() as stack, path.open("wb") as file:
        for module in _written_in_full(model, shipped):
            cloudpickle.register_pickle_by_value(module)
            stack.callback(cloudpickle.unregister_pickle_by_value, module)
        try:
            _Pickler(file).dump(model)
        except OSError:
            raise
        except Exception as error:
            raise InvalidArgument(
                f"the model cannot be pickled: {type(error).__name__}: {error}",
                tip="open what cannot be pickled in load_context, or save the model as a code file",
            ) from error


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle publishes no types
    def reducer_override(self, obj: Any) -> Any:
        """Write what MLflow knows by another name under that name."""
        name = standins.mlflow_name(obj) if isinstance(obj, (type, FunctionType)) else None
        return super().reducer_override(obj) if name is None else (getattr, (_Module(name[0]), name[1]))


class _Module:
    """Pickles as the import of a module that need not be there now."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return import_module, (self._name,)


def _written_in_full(model: PythonModel, shipped: Collection[str]) -> Iterator[ModuleType]:
    """The modules that the model's classes, its functions and what it holds are from, where they are the user's own."""
    names = {str(getattr(part, "__module__", None)) for part in (*type(model).__mro__, *vars(model).values())}
    for name in names - {"__main__"}:
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if module is None or file is None or _is_installed(name, Path(file)):
            continue
        if name.partition(".")[0] not in shipped or b"mlpack" in Path(file).read_bytes():
            yield module


def _is_installed(name: str, file: Path) -> bool:
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names | _OURS or not _SITES.isdisjoint(file.parts)
