"""Examples of model input and params by name, for which ``data/signatures.json`` holds what MLflow infers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse

Examples = dict[str, Callable[[], Any]]

NUMBERS = ("int8", "int16", "int32", "uint8", "uint64", "float16", "float32", "M8[ns]")
MOMENT = dt.datetime(2024, 1, 2, 3, 4, 5)

ARRAYS: Examples = {
    f"array of {dtype}": lambda dtype=dtype: np.zeros((3, 2), dtype)
    for dtype in (*NUMBERS, "bool", "int64", "float64", "complex64", "U5", "S3", "M8[D]", "O")
} | {
    "array of one dimension": lambda: np.arange(3.0),
    "array of three dimensions": lambda: np.zeros((2, 28, 28)),
    "array without dimensions": lambda: np.array(1.0),
    "array without rows": lambda: np.zeros((0, 4)),
    "csr matrix": lambda: scipy.sparse.csr_matrix(np.eye(3, dtype=np.float32)),
    "csc matrix": lambda: scipy.sparse.csc_matrix(np.eye(3)),
    "coo matrix": lambda: scipy.sparse.coo_matrix(np.eye(3)),
    "dict of arrays": lambda: {"a": np.zeros((2, 3)), "b": np.array(["x", "y"])},
    "dict of arrays by number": lambda: {0: np.zeros(2)},
    "empty dict": dict,
}

COLUMNS: dict[str, Callable[[], Any]] = {
    "bool": lambda: [True, False],
    "int": lambda: [1, 2],
    "float": lambda: [1.5, 2.5],
    "float and nan": lambda: [1.5, None],
    "text": lambda: ["a", "b"],
    "text and none": lambda: ["a", None],
    "nothing": lambda: [None, None],
    "bytes": lambda: [b"a", b"b"],
    "date": lambda: [dt.date(2024, 1, 2), dt.date(2024, 1, 3)],
    "datetime": lambda: [MOMENT, MOMENT],
    "datetime and none": lambda: [MOMENT, None],
    "zoned": lambda: pd.to_datetime(["2024-01-02", "2024-01-03"], utc=True),
    "timedelta": lambda: pd.to_timedelta([1, 2]),
    "mixed": lambda: pd.Series([1, "a"], dtype=object),
    "mixed numbers": lambda: pd.Series([1, 2.5], dtype=object),
    "object ints": lambda: pd.Series([1, 2], dtype=object),
    "object ints and none": lambda: pd.Series([1, None], dtype=object),
    "object text": lambda: pd.Series(["a", "b"], dtype=object),
    "bool and none": lambda: pd.Series([True, None], dtype=object),
    "decimal": lambda: [Decimal("1.5"), Decimal(2)],
    "complex": lambda: [1j, 2j],
    "category of text": lambda: pd.Categorical(["a", "b"]),
    "category of int": lambda: pd.Categorical([1, 2]),
    "Int8": lambda: pd.array([1, 2], "Int8"),
    "Int32": lambda: pd.array([1, 2], "Int32"),
    "Int64 and NA": lambda: pd.array([1, None], "Int64"),
    "UInt32": lambda: pd.array([1, 2], "UInt32"),
    "UInt64": lambda: pd.array([1, 2], "UInt64"),
    "Float32": lambda: pd.array([1, None], "Float32"),
    "boolean and NA": lambda: pd.array([True, None], "boolean"),
    "string": lambda: pd.array(["a", None], "string"),
    "sparse": lambda: pd.arrays.SparseArray([0.0, 1.0]),
    "lists": lambda: [[1, 2], [3]],
    "lists and none": lambda: [[1, 2], None],
    "empty lists": lambda: [[], []],
    "lists and an empty one": lambda: [["a"], []],
    "arrays": lambda: [np.array([1.0]), np.array([2.0, 3.0])],
    "empty arrays": lambda: [np.array([]), np.array([])],
    "lists of lists": lambda: [[[1.5]], [[2.5, 3.5]]],
    "lists of mixed": lambda: [[1, "a"], [2]],
    "dicts": lambda: [{"x": 1, "y": "a"}, {"x": 2, "y": "b"}],
    "dicts with fewer keys": lambda: [{"x": 1, "y": "a"}, {"x": 2}],
    "dicts with null": lambda: [{"x": None, "y": "a"}, {"x": 2, "y": "b"}],
    "dicts that clash": lambda: [{"x": 1}, {"x": "a"}],
    "dicts and none": lambda: [{"x": 1}, None],
    "deep dicts": lambda: [{"x": [{"y": [1]}, {"z": 1.5}]}, {"x": []}],
    "empty dicts": lambda: [{}, {}],
    "sets": lambda: [{1}, {2}],
    "no rows": list,
    "no rows of object": lambda: pd.Series([], dtype=object),
} | {dtype: lambda dtype=dtype: np.zeros(2, dtype) for dtype in (*NUMBERS, "uint16", "uint32", "longdouble", "M8[s]")}

FRAMES: Examples = {
    f"column of {name}": lambda make=make: pd.DataFrame({"c": make()}) for name, make in COLUMNS.items()
} | {
    "frame": lambda: pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"], "c": [True, False]}),
    "frame without names": lambda: pd.DataFrame([[1.0, 2.0]]),
    "frame with a name twice": lambda: pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]),
    "frame with an index": lambda: pd.DataFrame({"a": [1.5]}, index=["row"]),
    "series": lambda: pd.Series([1, 2], name="a"),
    "series without a name": lambda: pd.Series(["a"]),
    "series without a name and with null": lambda: pd.Series(["a", None]),
}

SCALARS: Examples = {
    "bool": lambda: True,
    "int": lambda: 1,
    "float": lambda: 1.5,
    "nan": lambda: float("nan"),
    "str": lambda: "a",
    "bytes": lambda: b"a",
    "bytearray": lambda: bytearray(b"a"),
    "date": lambda: dt.date(2024, 1, 2),
    "datetime": lambda: MOMENT,
    "Timestamp": lambda: pd.Timestamp(MOMENT),
    "datetime64": lambda: np.datetime64("2024-01-02"),
    "np.bool": lambda: np.bool_(True),
    "np.int16": lambda: np.int16(1),
    "np.int32": lambda: np.int32(1),
    "np.int64": lambda: np.int64(1),
    "np.uint8": lambda: np.uint8(1),
    "np.float32": lambda: np.float32(1),
    "np.float32 nan": lambda: np.float32("nan"),
    "np.float64": lambda: np.float64(1),
    "np.str": lambda: np.str_("a"),
    "np.bytes": lambda: np.bytes_(b"a"),
    "NA": lambda: pd.NA,
    "NaT": lambda: pd.NaT,
    "decimal": lambda: Decimal(1),
    "complex": lambda: 1j,
    "tuple": lambda: (1, 2),
    "set": lambda: {1},
    "object": object,
}

LISTS: Examples = {f"list of {name}": lambda make=make: list(make()) for name, make in COLUMNS.items()} | {
    "empty list": list,
    "dicts of different keys": lambda: [{"a": 1, "b": None}, {"a": 2.5}],
    "rows": lambda: [{"a": 1, "b": "x"}, {"b": None, "a": 2}],
    "rows with lists": lambda: [{"a": [1], "b": {"c": "x"}}, {"a": [], "b": {"c": "y", "d": 1.5}}],
}

DICTS: Examples = {
    f"dict of {name}": lambda make=make: {"k": make()}
    for name, make in {**SCALARS, **{f"list of {name}": make for name, make in LISTS.items()}}.items()
} | {
    "dict of none": lambda: {"k": None},
    "dict by number": lambda: {1: "a"},
    "dict of an array and text": lambda: {"a": np.zeros(2), "b": "x"},
    "dict of dicts": lambda: {"a": {"b": {"c": [1, 2]}}, "d": [{"e": 1}, {"f": 2}]},
    "messages": lambda: {"messages": [{"role": "user", "content": "hi"}], "temperature": 0.5},
}

INPUTS: Examples = {**ARRAYS, **FRAMES, **SCALARS, **LISTS, **DICTS}

PARAMS: Examples = {
    **{name: make for name, make in SCALARS.items() if name not in {"np.int16", "np.uint8"}},
    "none": lambda: None,
    "huge int": lambda: 2**70,
    "list of bool": lambda: [True, False],
    "list of int": lambda: [1, 2],
    "list of int and float": lambda: [1, 2.5],
    "list of float": lambda: [0.1],
    "list of str": lambda: ["a", "bc"],
    "list of bytes": lambda: [b"a"],
    "list of dates": lambda: [dt.date(2024, 1, 2)],
    "list of datetimes": lambda: [MOMENT],
    "list of mixed": lambda: [1, "a"],
    "list of none": lambda: [None],
    "list of lists": lambda: [[1]],
    "empty list": list,
    "array of int": lambda: np.array([1, 2]),
    "array of float32": lambda: np.array([0.1], np.float32),
    "array of two dimensions": lambda: np.zeros((2, 2)),
    "dict": lambda: {"a": 1, "b": ["x"], "c": {"d": 1.5}},
    "dict with none": lambda: {"a": None, "b": 1},
    "empty dict": dict,
}
