"""A model that answers with what it is asked for by name: numbers, times and tables that JSON writers get wrong."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from mlpack.models import set_model
from mlpack.pyfunc import PythonModel

ZONE = dt.timezone(dt.timedelta(hours=5, minutes=30))
TIME = dt.datetime(2024, 1, 2, 3, 4, 5)
GIFTS: dict[str, Any] = {
    "int64": np.array([2**63 - 1, -(2**63), 2**53 + 1]),
    "uint64": np.array([2**64 - 1, 2**53 + 1], np.uint64),
    "scalar uint64": np.uint64(2**64 - 1),
    "long integers": [10**30, -(10**30)],
    "decimals": [Decimal(text) for text in ("0.1000000000000000055511151231257827", "1e30", "NaN", "-Infinity")],
    "doubles": np.array([0.1, 5e-324, 1.7976931348623157e308, -0.0]),
    "float32": np.array([0.1], np.float32),
    "gaps": np.array([np.nan, np.inf, -np.inf]),
    "gaps in a list": [float("nan"), {"inf": float("-inf")}, None, pd.NA, pd.NaT],
    "gaps in a table": pd.DataFrame({"x": [1.5, np.nan], "n": pd.array([2**53 + 1, None], "Int64")}),
    "times": [TIME.replace(microsecond=678), TIME.replace(tzinfo=ZONE), TIME.date()],
    "times of numpy": np.array(["2024-01-02T03:04:05.123456789", "NaT"], "M8[ns]"),
    "times of pandas": pd.DataFrame({"t": pd.to_datetime(["2024-01-02T03:04:05"]).tz_localize("Europe/Berlin")}),
    "texts": ["ü😀\u2028\x00\"", ""],
    "duplicate names": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "empty names": pd.DataFrame([[1, 2]], columns=["", "ä€"]),
    "no rows": pd.DataFrame({"a": []}),
    "no columns": pd.DataFrame(index=[0, 1]),
}  # fmt: skip


class Giving(PythonModel):
    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        return {"given": GIFTS[model_input["input"]]}


set_model(Giving())
