"""What XGBoost and LightGBM have in common: rounds, and estimators that derive from one class.

Rounds are logged when all are done: one takes less time than to log it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlpack_flavors.autolog.record import Record

#: Data -> metric -> the value after each round.
History = Mapping[str, Mapping[str, Sequence[float]]]


def log_rounds(record: Record, history: History, best: int | None, importances: Mapping[str, Any]) -> None:
    """The metrics of each round (``train-logloss``), the best round if it was looked for, and what features weigh."""
    curves = {f"{data}-{name}": curve for data, metrics in history.items() for name, curve in metrics.items()}
    record.curves(curves)
    if best is not None:
        record.metrics({"best_iteration": best})
    for kind, weights in importances.items():
        record.text(json.dumps(weights, indent=2), f"feature_importance_{kind}.json")


def estimators_of(library: Any, base: type) -> Iterator[type]:
    """The classes that a library offers which derive from ``base`` and have a ``fit`` of their own."""
    for kind in vars(library).values():
        if isinstance(kind, type) and issubclass(kind, base) and "fit" in vars(kind):
            yield kind
