"""Any data a model can be given, as JSON that two versions of pandas and two processes agree on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd


def describe(data: Any) -> Any:
    """Containers, dtypes, shapes and values. Text dtypes of pandas count as one, and so do its missing values."""
    if isinstance(data, pd.DataFrame):
        columns = [data.iloc[:, at] for at in range(data.shape[1])]
        return {
            "frame": [_column(each) for each in columns],
            "names": [describe(name) for name in data.columns],
            "index": [describe(label) for label in data.index],
        }
    if isinstance(data, np.ndarray):
        order = "F" if data.flags.f_contiguous and not data.flags.c_contiguous else "C"
        values = data.astype(str) if data.dtype.kind in "mM" else data
        shape, dtype = list(data.shape), str(data.dtype)
        return {
            "array": [describe(each) for each in values.ravel().tolist()],
            "dtype": dtype,
            "shape": shape,
            "order": order,
        }
    if isinstance(data, dict):
        return {"dict": {key: describe(value) for key, value in data.items()}}
    if isinstance(data, (list, tuple)):
        return [describe(each) for each in data]
    return _scalar(data)


def _column(series: Any) -> Any:
    kind = str(series.dtype)
    text = series.dtype == object or kind in ("str", "string")
    return {"dtype": "object" if text else kind, "values": [describe(each) for each in series.tolist()]}


def _scalar(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float):
        number = float(value)
        return None if math.isnan(number) else {type(value).__name__: repr(number)}
    if isinstance(value, (str, np.str_)):
        return str(value)
    if isinstance(value, np.generic):
        return {str(value.dtype): repr(value.item())}
    return {type(value).__name__: repr(value)}
