"""``import mlpack.acme`` where another distribution registers the flavor ``acme``: see :mod:`mlpack.plugins`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_VERBS = ("load_model", "log_model", "save_model")


class FlavorFinder:
    """Looks last, so that a real module of mlpack comes first, and only for names directly below ``mlpack``."""

    @classmethod
    def find_spec(cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        """How to make the module ``mlpack.<flavor>``; None where no distribution registers such a flavor."""
        package, _, flavor = name.rpartition(".")
        if package != "mlpack":
            return None
        from mlpack import plugins

        return ModuleSpec(name, cls()) if flavor in plugins.third_party() else None  # type: ignore[arg-type]  # it is one

    def create_module(self, spec: ModuleSpec) -> None:
        """Python's own kind of module will do."""

    def exec_module(self, module: ModuleType) -> None:
        """Give the module the verbs of its flavor."""
        from mlpack import plugins, pyfunc

        flavor = plugins.get(module.__name__.rpartition(".")[2])
        verbs = {name: getattr(flavor, name) for name in _VERBS}
        vars(module).update(verbs, __all__=list(_VERBS), __doc__=type(flavor).__doc__)
        vars(module)["_load_pyfunc"] = pyfunc.load_for_mlflow
