"""What is logged of a search for the best params, beside what is logged of every estimator."""

from __future__ import annotations

from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any

from mlpack_flavors.autolog.estimators import class_tags
from mlpack_flavors.autolog.options import AUTOLOGGING

if TYPE_CHECKING:
    from mlpack_flavors.autolog.record import Record

#: How many of the best combinations get a run of their own. Source: MLflow 3.17.
_RUNS = 5


def log_search(record: Record, search: Any, example: Any) -> None:
    """The best params, score and estimator; all results as ``cv_results.csv``, and the best as runs below this one."""
    import pandas as pd

    if hasattr(search, "best_estimator_"):
        record.model(search.best_estimator_, example, "best_estimator")
    if hasattr(search, "best_score_"):
        record.metrics({"best_cv_score": search.best_score_})
    record.params({f"best_{name}": value for name, value in getattr(search, "best_params_", {}).items()})
    results = pd.DataFrame(search.cv_results_)
    record.text(results.to_csv(index=False), "cv_results.csv")
    rank = next(name for name in map(str, results) if name.startswith("rank_test_"))
    for _, result in results.nsmallest(_RUNS, rank).iterrows():
        _log_combination(record, search.estimator, dict(result))


def _log_combination(record: Record, estimator: Any, result: dict[str, Any]) -> None:
    """One row of the results as a run: all params of the estimator, and the scores over all splits."""
    from mlpack.tracking.active import start_run

    tags = {AUTOLOGGING: record.flavor, **class_tags(estimator)}
    with start_run(nested=True, experiment_id=record.run.info.experiment_id, tags=tags) as run:
        below = replace(record, run=run)
        below.params({**estimator.get_params(deep=not is_search(estimator)), **result["params"]})
        scores = {name: value for name, value in result.items() if isinstance(value, Real)}
        below.metrics({name: value for name, value in scores.items() if not name.startswith(("param", "split"))})


def is_search(estimator: Any) -> bool:
    """Whether an estimator is a search, whose own estimator is where it starts and no part of what it finds."""
    from sklearn.model_selection._search import BaseSearchCV

    return isinstance(estimator, BaseSearchCV)
