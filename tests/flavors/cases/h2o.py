"""Trees for two and for three classes and for a number, a linear model and a network, on numbers and categories.

Both libraries and the test use the one server that is started here first, on the port where H2O looks for one.
"""

from typing import Any

import h2o
import numpy as np
import pandas as pd
from h2o.estimators import (
    H2ODeepLearningEstimator,
    H2OGeneralizedLinearEstimator,
    H2OGradientBoostingEstimator,
    H2ORandomForestEstimator,
)

from tests.flavors.cases import Case

_INPUTS = ["height", "weight", "kind"]
_SETTINGS = {"settings": {"init": {"max_mem_size": "512m", "nthreads": 1}}}


def binary() -> Case:
    """Two classes whose labels are numbers."""
    return _trained(H2OGradientBoostingEstimator(ntrees=5, seed=1), "tall")


def classes() -> Case:
    """Three classes."""
    return _trained(H2ORandomForestEstimator(ntrees=5, seed=1), "size")


def linear() -> Case:
    """A number."""
    return _trained(H2OGeneralizedLinearEstimator(family="gaussian"), "age")


def network() -> Case:
    """A number, by a network."""
    return _trained(H2ODeepLearningEstimator(hidden=[4], epochs=2, seed=1, reproducible=True), "age")


def _trained(model: Any, target: str) -> Case:
    h2o.init(max_mem_size="512m", nthreads=1, verbose=False)
    h2o.no_progress()
    random = np.random.default_rng(0)
    height = random.normal(170, 12, 200).round(1)
    rows = pd.DataFrame({"height": height, "weight": (height - 100) * random.uniform(0.8, 1.2, 200)})
    rows["kind"] = random.choice(["red", "green", "blue"], 200)
    rows["age"] = rows["weight"] / 3 + (rows["kind"] == "red") * 4.25
    rows["tall"] = (height > 170).astype(int)
    rows["size"] = np.where(height > 180, "large", np.where(height > 165, "medium", "small"))
    model.train(_INPUTS, target, h2o.H2OFrame(rows, column_types={"kind": "enum", "tall": "enum", "size": "enum"}))
    return Case(model, rows[_INPUTS].head(9), _predict, options=_SETTINGS, theirs={"pip_requirements": ["h2o"]})


def _predict(native: Any, rows: pd.DataFrame) -> pd.DataFrame:
    answer: pd.DataFrame = native.predict(h2o.H2OFrame(rows)).as_data_frame()
    return answer


CASES = {"binary": binary, "classes": classes, "linear": linear, "network": network}
