"""Whatever a model returns, told as JSON that keeps types, dtypes and missing values apart, the same on both sides."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd


def describe(value: Any) -> Any:
    """A description that is equal where values are: containers by kind and dtype, floats by value, NaN by name."""
    if isinstance(value, pd.DataFrame):
        columns = [[describe(name), str(value[name].dtype), describe(value[name].tolist())] for name in value.columns]
        return {"DataFrame": columns, "index": describe(value.index.tolist())}
    if isinstance(value, pd.Series):
        kind = [describe(value.name), str(value.dtype), describe(value.tolist())]
        return {"Series": kind, "index": describe(value.index.tolist())}
    if isinstance(value, np.ndarray):
        return {"ndarray": str(value.dtype), "shape": list(value.shape), "data": describe(value.tolist())}
    if isinstance(value, np.generic):
        return {"scalar": str(value.dtype), "data": describe(value.item())}
    if hasattr(value, "toarray"):
        return {"sparse": value.format, "data": describe(value.toarray())}
    return _plain(value)


def _plain(value: Any) -> Any:
    """Python's own values; what JSON has no word for becomes a map from its type's name to its text."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Mapping):
        return {"dict": [[describe(key), describe(item)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return {"list": [describe(item) for item in value]}
    if value is pd.NaT:
        return {"NaT": ""}
    if isinstance(value, datetime.date | datetime.time):
        return {"time": value.isoformat()}
    if isinstance(value, Iterator):
        return {"iterator": ""}
    return {type(value).__name__: repr(value)}
