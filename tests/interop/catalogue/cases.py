"""What a case is, and the register of all cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Save = Callable[[Any, Path], None]


@dataclass(frozen=True)
class Case:
    """One model: how to save it, and what to give it to predict on.

    ``save`` takes the library (the module ``mlflow`` or ``mlpack``) and the folder to write. ``inputs`` are what Python
    callers give to ``predict``, with ``params`` beside each; the HTTP questions are derived from the first one.
    ``bodies`` are request bodies of this model alone; ``cells`` are columns into which every odd value is put, one by
    one. ``since`` is the first MLflow that knows what the case uses;
    ``native`` says that the flavor's own ``load_model`` reads it too; ``by`` names the libraries that can save it.
    """

    name: str
    save: Save
    inputs: Callable[[], Sequence[Any]]
    params: Mapping[str, Any] | None
    bodies: Mapping[str, Any]
    cells: tuple[str, ...]
    since: tuple[int, int]
    native: bool
    by: tuple[str, ...]


CASES: dict[str, Case] = {}


def case(
    inputs: Callable[[], Sequence[Any]],
    *,
    params: Mapping[str, Any] | None = None,
    bodies: Mapping[str, Any] | None = None,
    cells: tuple[str, ...] = (),
    since: tuple[int, int] = (2, 22),
    native: bool = False,
    by: tuple[str, ...] = ("mlflow", "mlpack"),
) -> Callable[[Save], Save]:
    """Register the decorated function as the ``save`` of a case that carries its name."""

    def register(save: Save) -> Save:
        name = save.__name__
        CASES[name] = Case(name, save, inputs, params, dict(bodies or {}), cells, since, native, by)
        return save

    return register
