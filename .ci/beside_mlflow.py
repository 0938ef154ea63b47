"""In one environment with MLflow: each loads what the other saved, and both predict the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

import mlflow
import mlflow.sklearn
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import mlpack

X, y = load_iris(return_X_y=True, as_frame=True)
model = LogisticRegression(max_iter=1000).fit(X, y)
expected = model.predict(X)

with tempfile.TemporaryDirectory() as folder:
    ours, theirs = Path(folder, "ours"), Path(folder, "theirs")
    mlpack.sklearn.save_model(model, ours, input_example=X.head(3))
    mlflow.sklearn.save_model(model, theirs, input_example=X.head(3), serialization_format="cloudpickle")
    assert (mlflow.pyfunc.load_model(str(ours)).predict(X) == expected).all()
    assert (mlpack.pyfunc.load_model(theirs).predict(X) == expected).all()

print(f"mlpack {mlpack.__version__} and MLflow {mlflow.__version__} load what the other saved")
