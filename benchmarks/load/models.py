"""The models that all servers serve, and the data that they are asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import mlpack

CONNECTIONS = (1, 16, 64)
COMPARED = 100


@dataclass(frozen=True)
class Model:
    """A model to fit to ``data``, a frame or an array, of which the first ``rows`` are one request.

    Turns with large requests are ``longer`` by this factor, to have enough of them.
    """

    name: str
    title: str
    estimator: Any
    data: Any
    target: Any
    rows: int = 1
    connections: tuple[int, ...] = CONNECTIONS
    longer: int = 1

    @property
    def asked(self) -> Any:
        """The rows of one request."""
        return self.data[: self.rows]

    @property
    def compared(self) -> Any:
        """The rows on which all servers must agree."""
        return self.data[: max(self.rows, COMPARED)]

    def save(self, folder: Path) -> Path:
        """Fit it, and package it with its signature; other servers take the pickle out of the package."""
        package = folder / self.name
        model = self.estimator.fit(self.data, self.target)
        mlpack.sklearn.save_model(model, package, input_example=self.data[:5], serialization_format="cloudpickle")
        return package


def models() -> Iterator[Model]:
    """All of them, the one of the headline first."""
    flowers, species = load_iris(return_X_y=True, as_frame=True)
    logistic: Callable[[], Any] = lambda: LogisticRegression(max_iter=1000)  # noqa: E731
    forest = RandomForestClassifier(n_estimators=100, random_state=0)
    yield Model("iris", "logistic regression, 4 named numbers", logistic(), flowers, species)
    yield Model("array", "logistic regression, an array of 4", logistic(), flowers.to_numpy(), species)
    yield Model("forest", "forest of 100 trees, 4 named numbers", forest, flowers, species)
    yield Model("mixed", "pipeline, 6 mixed columns with gaps", *_patients(logistic()))
    yield Model("big", "logistic regression, 10 000 rows of 20", logistic(), *_wide(), 10_000, (1, 4), longer=2)


def _patients(last: Any) -> tuple[Any, pd.DataFrame, Any]:
    """A pipeline that fills gaps, scales numbers and encodes text, and made-up patients; the first has a gap."""
    random = np.random.default_rng(0)
    numbers = {"age": (55, 9), "pressure": (130, 18), "cholesterol": (245, 50), "rate": (150, 22)}
    texts = {"sex": ["female", "male"], "pain": ["typical", "atypical", "none"]}
    count = 500
    patients = pd.DataFrame(
        {name: random.normal(mean, spread, count).round(1) for name, (mean, spread) in numbers.items()}
        | {name: random.choice(values, count) for name, values in texts.items()}
    )
    ill = patients["age"] + random.normal(0, 9, count) > 55
    patients.loc[::7, "cholesterol"] = np.nan
    patients.loc[3::11, "pain"] = None
    scaled = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = make_column_transformer(
        (scaled, list(numbers)), (OneHotEncoder(handle_unknown="ignore"), list(texts)), verbose_feature_names_out=False
    )
    return make_pipeline(columns, last), patients, ill.astype(int)


def _wide() -> tuple[pd.DataFrame, Any]:
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(10_000, 20)), columns=[f"x{number}" for number in range(20)])
    return table, (table["x0"] + table["x1"] > 0).astype(int)
