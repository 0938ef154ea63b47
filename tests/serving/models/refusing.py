"""A batchable model that answers row by row, in many shapes as params say, and refuses rows that are negative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel


class Refusing(PythonModel):
    batchable = True

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        shape, factor = (params or {}).get("shape", "array"), (params or {}).get("factor", 2.0)
        if (model_input["number"] < 0).any():
            raise ValueError(f"{model_input['number'].min():g} is negative")
        doubled = model_input["number"].to_numpy() * factor
        shapes: dict[str, Callable[[], Any]] = {
            "array": lambda: doubled,
            "matrix": lambda: doubled[:, None],
            "list": lambda: model_input.assign(number=doubled).to_dict("records"),
            "map": lambda: {"doubled": doubled, "text": model_input["text"].tolist()},
            "frame": lambda: model_input.assign(number=doubled),
            "series": lambda: pd.Series(doubled, name="doubled"),
            "sum": lambda: float(doubled.sum()),
        }
        return shapes[shape]()


set_model(Refusing())
