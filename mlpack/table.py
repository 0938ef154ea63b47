"""A request in columns: what it is before, and mostly instead of, a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(slots=True)
class Table:
    """Columns of equal length: each a one-dimensional array of the dtype that the schema says.

    Text, bytes and nested values are in arrays of objects. ``names`` is None where columns are told apart by their
    position, ``index`` is None where rows are.
    """

    names: tuple[Hashable, ...] | None
    columns: list[np.ndarray[Any, Any]]
    rows: int
    index: Sequence[Any] | None = None

    def frame(self) -> pd.DataFrame:
        """The table as a DataFrame; a column of text gets the dtype that pandas gives to a list of strings."""
        import pandas as pd

        names = range(len(self.columns)) if self.names is None else self.names
        index = pd.RangeIndex(self.rows) if self.index is None else pd.Index(self.index)
        first = self.columns[0].dtype if self.columns else None
        if first is not None and first.kind in "biuf" and all(each.dtype == first for each in self.columns):
            return pd.DataFrame(self.matrix(), index=index, columns=pd.Index(names), copy=False)
        return pd.DataFrame(dict(enumerate(self.columns)), index=index).set_axis(pd.Index(names), axis=1)

    def matrix(self) -> np.ndarray[Any, Any] | None:
        """The table as a numeric matrix of shape (rows, columns), or None where a frame's would be one of objects.

        It equals ``frame().to_numpy()`` in dtype, values and memory layout (column after column).
        """
        kinds = {each.dtype.kind for each in self.columns}
        if not kinds or (kinds != {"b"} and not kinds <= {"i", "u", "f"}):
            return None
        return np.array(self.columns).T
