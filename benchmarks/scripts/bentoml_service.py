"""A service of BentoML for the pickled model that the variable MODEL names."""

from __future__ import annotations

import os
from typing import Any

import bentoml
import joblib
import numpy as np
import pandas as pd


@bentoml.service
class Service:
    """``POST /predict`` with ``{"rows": [...]}``, lists or records by the names of columns, answers a list."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api  # type: ignore[untyped-decorator]  # it is not installed where types are checked
    def predict(self, rows: list[Any]) -> list[Any]:
        """One prediction for each row."""
        data = np.array(rows) if isinstance(rows[0], list) else pd.DataFrame(rows)
        return list(self.model.predict(data).tolist())
