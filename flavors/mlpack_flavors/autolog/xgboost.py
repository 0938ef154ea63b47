"""Autologging of XGBoost: ``xgboost.train``, and ``fit`` of its scikit-learn classes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from mlpack_flavors.autolog.boosting import estimators_of, log_rounds
from mlpack_flavors.autolog.estimators import fit_steps
from mlpack_flavors.autolog.integration import Integration

if TYPE_CHECKING:
    from mlpack_flavors.autolog.record import Record

_PARAMS = ("num_boost_round", "early_stopping_rounds", "maximize", "verbose_eval")


def _watch(integration: Integration, xgboost: Any) -> None:
    integration.watch(xgboost, "train", _train_steps)
    for kind in estimators_of(xgboost, xgboost.XGBModel):
        integration.watch(kind, "fit", _fit_steps)


def _train_steps(record: Record, call: Mapping[str, Any]) -> Generator[Mapping[str, Any], Any, None]:
    record.params({**dict(call["params"]), **{name: call[name] for name in _PARAMS}})
    example = record.example(call["dtrain"], _first_rows)
    history = {} if call["evals_result"] is None else call["evals_result"]
    booster = yield {"evals_result": history}
    record.model(booster, example)
    _log_booster(record, booster, history)


def _fit_steps(record: Record, call: Mapping[str, Any]) -> Generator[Mapping[str, Any], Any, None]:
    yield from fit_steps(record, call)
    model = call["self"]
    _log_booster(record, model.get_booster(), getattr(model, "evals_result_", {}))


def _log_booster(record: Record, booster: Any, history: Mapping[str, Any]) -> None:
    weights = {"weight": booster.get_score(importance_type="weight")}
    log_rounds(record, history, getattr(booster, "best_iteration", None), weights)


def _first_rows(data: Any, count: int) -> Any:
    """The first rows of a DMatrix, which keeps no value where one is missing."""
    import numpy as np
    import pandas as pd

    kept = data.slice(range(min(count, data.num_row())), allow_groups=True).get_data().tocoo()
    rows = np.full(kept.shape, np.nan)
    rows[kept.row, kept.col] = kept.data
    return rows if data.feature_names is None else pd.DataFrame(rows, columns=data.feature_names)


autolog = Integration("xgboost", {"xgboost": _watch}).autolog
