"""Autologging of scikit-learn, and of every class that derives from its ``BaseEstimator``, now or later.

The outermost ``fit``, ``fit_predict`` or ``fit_transform`` is logged.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from mlpack_flavors.autolog.estimators import fit_steps
from mlpack_flavors.autolog.integration import Integration
from mlpack_flavors.autolog.search import is_search, log_search

if TYPE_CHECKING:
    from mlpack_flavors.autolog.record import Record

_METHODS = ("fit", "fit_predict", "fit_transform")
#: These have a flavor and an integration of their own.
_OTHERS = ("xgboost", "lightgbm")
#: What prepares data is no model: no run for it, nor for the estimators that it uses. Source: MLflow 3.17.
_PREPARING = (
    "sklearn.preprocessing",
    "sklearn.impute",
    "sklearn.feature_extraction",
    "sklearn.feature_selection",
    "sklearn.compose._column_transformer",
)


def _watch_estimators(integration: Integration, base: Any) -> None:
    for kind in (base.BaseEstimator, base.TransformerMixin):
        _watch_classes_to_come(integration, kind)
    found = [base.BaseEstimator]
    for kind in found:
        _watch_class(integration, kind)
        found += kind.__subclasses__()


def _watch_classes_to_come(integration: Integration, base: Any) -> None:
    """Watch what will derive from ``base``.

    A transformer's turn comes twice: after the first, scikit-learn replaces its ``fit_transform`` for ``set_output``.
    """

    def __init_subclass__(cls: Any, /, **kwargs: Any) -> None:
        super(base, cls).__init_subclass__(**kwargs)
        _watch_class(integration, cls)

    integration.replace(base, "__init_subclass__", classmethod(__init_subclass__))


def _watch_class(integration: Integration, kind: Any) -> None:
    if kind.__module__.partition(".")[0] in _OTHERS:
        return
    steps = None if kind.__module__.startswith(_PREPARING) else _steps
    for method in _METHODS:
        if method in vars(kind):
            integration.watch(kind, method, steps)


def _watch_parallel(integration: Integration, parallel: Any) -> None:
    """Leave out what scikit-learn fits side by side: ``cross_val_score`` and the like throw their models away.

    Their functions cannot be replaced where they are defined, since they are pickled by name for other processes.
    """
    integration.watch(parallel.Parallel, "__call__", None)


def _watch_permutations(integration: Integration, selection: Any) -> None:
    """Leave out the first of the permutations, too, which is not fitted side by side with the others."""
    integration.watch(selection, "permutation_test_score", None)


def _steps(record: Record, call: Mapping[str, Any]) -> Generator[Mapping[str, Any], Any, None]:
    estimator = next(iter(call.values()))
    searching = is_search(estimator)
    example = yield from fit_steps(record, call, deep=not searching)
    if searching:
        log_search(record, estimator, example)


autolog = Integration(
    "sklearn",
    {
        "sklearn.base": _watch_estimators,
        "sklearn.utils.parallel": _watch_parallel,
        "sklearn.model_selection": _watch_permutations,
    },
).autolog
