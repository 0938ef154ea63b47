"""A classifier on named columns."""

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from tests.flavors.cases import Case


def classifier() -> Case:
    """The class of flowers."""
    data, target = load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression(max_iter=500).fit(data, target)
    return Case(model, data.head(9), lambda native, rows: native.predict(rows))


CASES = {"classifier": classifier}
