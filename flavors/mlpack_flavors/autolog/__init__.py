"""Autologging: whatever a framework trains is logged, with its parameters, training metrics and model.

It lives beside the flavors, which know nothing of it. Each framework has an
:class:`~mlpack_flavors.autolog.integration.Integration`, which says what functions are watched and what is logged of a
call; everything else is shared.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Each is a module here, with an ``autolog`` of its own.
FRAMEWORKS = ("keras", "lightgbm", "sklearn", "xgboost")


def autolog_all(**options: Any) -> None:
    """Give ``options`` to the ``autolog`` of each framework, whether that is installed or not."""
    for name in FRAMEWORKS:
        import_module(f"{__name__}.{name}").autolog(**options)
