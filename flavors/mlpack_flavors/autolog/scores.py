"""How a model of scikit-learn's kind does on the data that it was trained on, by MLflow's names."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True)
class Data:
    """What a model is trained on."""

    features: Any
    target: Any
    weight: Any


def training_scores(model: Any, data: Data) -> dict[str, float]:
    """``training_accuracy_score`` and the like of a classifier, ``training_r2_score`` and the like of a regressor.

    Both have ``training_score``, which is the model's own. Without a target there are none, and what scikit-learn
    refuses to tell of such a target (one of many columns, or of a single class) is not among them.
    Source of the names, and of how classes are averaged: MLflow 3.17.
    """
    if data.target is None:
        return {}
    scores = _of_predictions(model, data) if hasattr(model, "predict") else {}
    if hasattr(model, "score"):
        weighted = "sample_weight" in inspect.signature(model.score).parameters
        weight = {"sample_weight": data.weight} if weighted else {}
        scores["score"] = partial(model.score, data.features, data.target, **weight)
    found: dict[str, float] = {}
    for name, score in scores.items():
        with suppress(ValueError):
            found[f"training_{name}"] = score()
    if "training_mean_squared_error" in found:
        found["training_root_mean_squared_error"] = found["training_mean_squared_error"] ** 0.5
    return found


def _of_predictions(model: Any, data: Data) -> dict[str, Callable[[], float]]:
    from sklearn import base, metrics

    weight = {"sample_weight": data.weight}
    if base.is_regressor(model):
        names = ("mean_squared_error", "mean_absolute_error", "r2_score")
        answer = model.predict(data.features)
        return {name: partial(getattr(metrics, name), data.target, answer, **weight) for name in names}
    if not base.is_classifier(model):
        return {}
    answer = model.predict(data.features)
    scores: dict[str, Callable[[], float]] = {}
    scores["accuracy_score"] = partial(metrics.accuracy_score, data.target, answer, **weight)
    for name in ("precision_score", "recall_score", "f1_score"):
        # A class that is never predicted counts as 0 by default, too, but with a warning.
        average = {"average": "weighted", "zero_division": 0}
        scores[name] = partial(getattr(metrics, name), data.target, answer, **average, **weight)
    if hasattr(model, "predict_proba"):
        chances = model.predict_proba(data.features)
        scores["log_loss"] = partial(metrics.log_loss, data.target, chances, **weight)
        if hasattr(chances, "shape") and chances.shape[1] > 1:  # not of many targets, nor of a single class
            ranked = chances[:, 1] if chances.shape[1] == 2 else chances
            how = {"average": "weighted", "multi_class": "ovo"}
            scores["roc_auc"] = partial(metrics.roc_auc_score, data.target, ranked, **how, **weight)
    return scores
