"""Autologging of scikit-learn, and of every class that derives from its ``BaseEstimator``."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from mlpack_flavors.autolog.estimators import fit_steps
from mlpack_flavors.autolog.integration import Integration
from mlpack_flavors.autolog.record import Record
from mlpack_flavors.autolog.search import is_search, log_search

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
#: What ``cross_val_score`` and the like do for each split: its models are scored and thrown away.
_OF_A_SPLIT = ("_fit_and_score", "_fit_and_predict", "_permutation_test_score")


class SklearnAutolog(Integration):
    """The outermost ``fit``, ``fit_predict`` or ``fit_transform``, of classes that are there and those yet to come."""

    name = "sklearn"

    def modules(self) -> Mapping[str, Callable[[Any], None]]:
        """The base of all estimators, and where cross-validation is."""
        return {"sklearn.base": self._watch_estimators, "sklearn.model_selection._validation": self._watch_splits}

    def _watch_estimators(self, base: Any) -> None:
        for kind in (base.BaseEstimator, base.TransformerMixin):
            self._watch_classes_to_come(kind)
        found = [base.BaseEstimator]
        for kind in found:
            self._watch_class(kind)
            found += kind.__subclasses__()

    def _watch_classes_to_come(self, base: Any) -> None:
        """Watch what derives from ``base``.

        That of a transformer comes last of all, when scikit-learn has wrapped its ``fit_transform`` in ``set_output``.
        """

        def __init_subclass__(cls: Any, /, **kwargs: Any) -> None:
            super(base, cls).__init_subclass__(**kwargs)
            self._watch_class(cls)

        self.replace(base, "__init_subclass__", classmethod(__init_subclass__))

    def _watch_class(self, kind: Any) -> None:
        if kind.__module__.partition(".")[0] in _OTHERS:
            return
        steps = None if kind.__module__.startswith(_PREPARING) else _steps
        for method in _METHODS:
            if method in vars(kind):
                self.watch(kind, method, steps)

    def _watch_splits(self, validation: Any) -> None:
        for function in _OF_A_SPLIT:
            self.watch(validation, function, None)


def _steps(record: Record, call: Mapping[str, Any]) -> Generator[Mapping[str, Any], Any, None]:
    estimator = next(iter(call.values()))
    searching = is_search(estimator)
    example = yield from fit_steps(record, call, deep=not searching)
    if searching:
        log_search(record, estimator, example)


autolog = SklearnAutolog().autolog
