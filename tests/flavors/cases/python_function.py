"""A model of the user's own."""

from typing import Any

import pandas as pd
from sklearn.datasets import load_iris

import mlpack.pyfunc
from tests.flavors.cases import Case


class Scaled(mlpack.pyfunc.PythonModel):
    """Twice the sum of each row."""

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Any:
        """Predict."""
        return model_input.sum(axis=1).to_numpy() * 2.0


def scaled() -> Case:
    """The sums of measures of flowers."""
    data, _ = load_iris(return_X_y=True, as_frame=True)
    return Case(Scaled(), data.head(9), lambda native, rows: native.predict(None, rows))


CASES = {"scaled": scaled}
