"""Answers as tables, for the formats that have nothing else: Arrow, Parquet and CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpack.payloads.encoding import PREDICTIONS, UNNAMED

if TYPE_CHECKING:
    import pandas as pd


def answer_frame(predictions: Any) -> pd.DataFrame:
    """Predictions as a table whose columns are named by text.

    A frame keeps its columns and loses its index. A Series is a column by its name, or ``0``. A dictionary of lists or
    arrays of equal length has a column for each key, any other one is a row; a list of dictionaries has rows. Of two
    dimensions, columns are called ``0``, ``1``, ...; of one, or more than two, there is the column ``predictions``.
    """
    import pandas as pd

    for method in ("model_dump", "toarray"):  # pydantic, SciPy's sparse matrices
        if callable(convert := getattr(predictions, method, None)):
            predictions = convert()
    if isinstance(predictions, pd.DataFrame):
        frame = predictions.reset_index(drop=True)
    elif isinstance(predictions, pd.Series):
        name = UNNAMED if predictions.name is None else predictions.name
        frame = predictions.reset_index(drop=True).to_frame(name)
    elif isinstance(predictions, Mapping):
        frame = pd.DataFrame(_columns(predictions))
    elif isinstance(predictions, list) and predictions and all(isinstance(row, Mapping) for row in predictions):
        frame = pd.DataFrame(predictions)
    else:
        frame = _of_values(predictions)
    return frame.set_axis([str(name) for name in frame.columns], axis=1)


def _columns(predictions: Mapping[Any, Any]) -> dict[Any, Any]:
    columns = {name: _column(value) for name, value in predictions.items()}
    lengths = {None if column is None else len(column) for column in columns.values()}
    if len(lengths) == 1 and None not in lengths:
        return columns
    return {name: [value] for name, value in predictions.items()}


def _of_values(predictions: Any) -> pd.DataFrame:
    import pandas as pd

    column = _column(predictions)
    if column is None:
        scalar = predictions.item() if isinstance(predictions, np.ndarray) else predictions
        return pd.DataFrame({PREDICTIONS: [scalar]})
    matrix = predictions if isinstance(predictions, np.ndarray) else column
    return pd.DataFrame(matrix) if _is_matrix(matrix) else pd.DataFrame({PREDICTIONS: column})


def _column(value: Any) -> Any:
    """The cells of a column, or None for a single value; an array stays one where it has one dimension."""
    if isinstance(value, np.ndarray):
        return None if value.ndim == 0 else value if value.ndim == 1 else value.tolist()
    return list(value) if isinstance(value, (list, tuple)) or hasattr(value, "iloc") else None


def _is_matrix(rows: Any) -> bool:
    """Whether rows are of two dimensions: an array, or lists of one length without lists in them."""
    if isinstance(rows, np.ndarray):
        return rows.ndim == 2
    if not all(isinstance(row, list) for row in rows) or len({len(row) for row in rows}) != 1:
        return False
    return not any(isinstance(cell, (list, dict, np.ndarray)) for row in rows for cell in row)
