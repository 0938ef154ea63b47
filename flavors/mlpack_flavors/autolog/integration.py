"""What autologging of every framework shares: turning it on and off, and telling a training from the parts of one."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any

from mlpack_flavors.autolog.importing import forget, when_imported
from mlpack_flavors.autolog.options import Options, Steps
from mlpack_flavors.autolog.patches import Patches


class _Training(threading.local):
    """Whether this thread is in a call that is watched: those within it are parts of the same training."""

    going = False


_training = _Training()


class Integration:
    """Autologging of one framework, whose models ``flavor`` logs.

    ``modules`` are those that hold something to watch, and what watches it with this, once the module is imported.
    """

    def __init__(self, flavor: str, modules: Mapping[str, Callable[[Integration, Any], None]]) -> None:
        self._flavor, self._modules = flavor, modules
        self._options: Options | None = None
        self._patches = Patches()

    def autolog(
        self,
        *,
        disable: bool = False,
        log_models: bool = True,
        log_input_examples: bool = True,
        log_model_signatures: bool = True,
    ) -> None:
        """Log what the framework trains from now on, until this is called with ``disable=True``.

        A training goes to the active run, else to a run of its own, which it starts and ends. Logged are its
        parameters, training metrics and, with ``log_models``, the model, with its signature and some rows of the data
        as example unless these are not wanted. What a training returns and raises stays as it is; what could not be
        logged is told by one warning. The framework may be imported before or after; calling this twice is as once.
        """
        enabled = self._options is not None
        self._options = None if disable else Options(log_models, log_input_examples, log_model_signatures)
        for module, watch in self._modules.items():
            if disable:
                forget(module)
            elif not enabled:
                when_imported(module, partial(self._prepare, watch))
        if disable:
            self._patches.restore()

    def watch(self, owner: Any, name: str, steps: Steps | None) -> None:
        """Log the calls of a function of a module, or of a method that a class itself defines.

        Without ``steps`` nothing is logged of them, nor of the trainings in them.
        """
        self._patches.watch(owner, name, partial(self._call, steps))

    def replace(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of a module or a class, as long as autologging is on."""
        self._patches.replace(owner, name, value)

    def _prepare(self, watch: Callable[[Integration, Any], None], module: ModuleType) -> None:
        try:
            watch(self, module)
        except Exception as error:  # noqa: BLE001  an import must not fail for it
            message = f"autologging does not know this version of {module.__name__}: {type(error).__name__}: {error}"
            warnings.warn(message, stacklevel=3)

    def _call(self, steps: Steps | None, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._options is None or _training.going or _is_worker():
            return function(*args, **kwargs)
        _training.going = True
        try:
            if steps is None:
                return function(*args, **kwargs)
            from mlpack_flavors.autolog.training import training

            return training(self._flavor, self._options, steps, function, args, kwargs)
        finally:
            _training.going = False


def _is_worker() -> bool:
    """Whether this is one of the threads among which joblib shares out a part of a training."""
    from multiprocessing.dummy import DummyProcess

    return isinstance(threading.current_thread(), DummyProcess)
