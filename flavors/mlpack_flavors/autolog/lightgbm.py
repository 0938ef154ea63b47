"""Autologging of LightGBM: ``lightgbm.train``, and ``fit`` of its scikit-learn classes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from mlpack_flavors.autolog.boosting import estimators_of, log_rounds
from mlpack_flavors.autolog.estimators import fit_steps
from mlpack_flavors.autolog.integration import Integration

if TYPE_CHECKING:
    from mlpack_flavors.autolog.record import Record


def _watch(integration: Integration, lightgbm: Any) -> None:
    integration.watch(lightgbm, "train", _train_steps)
    for kind in estimators_of(lightgbm, lightgbm.LGBMModel):
        integration.watch(kind, "fit", _fit_steps)


def _train_steps(record: Record, call: Mapping[str, Any]) -> Generator[Mapping[str, Any], Any, None]:
    from lightgbm import record_evaluation

    record.params({**call["params"], "num_boost_round": call["num_boost_round"]})
    example = record.example(call["train_set"].data)
    history: dict[str, Any] = {}
    booster = yield {"callbacks": [*(call["callbacks"] or ()), record_evaluation(history)]}
    record.model(booster, example)
    _log_booster(record, booster, history)


def _fit_steps(record: Record, call: Mapping[str, Any]) -> Generator[Mapping[str, Any], Any, None]:
    yield from fit_steps(record, call)
    model = call["self"]
    _log_booster(record, model.booster_, model.evals_result_ or {})


def _log_booster(record: Record, booster: Any, history: Mapping[str, Any]) -> None:
    names = booster.feature_name()
    kinds = ("split", "gain")
    weights = {kind: dict(zip(names, booster.feature_importance(kind).tolist(), strict=True)) for kind in kinds}
    log_rounds(record, history, booster.best_iteration if booster.best_iteration > 0 else None, weights)


autolog = Integration("lightgbm", {"lightgbm": _watch}).autolog
