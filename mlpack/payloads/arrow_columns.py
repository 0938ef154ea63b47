"""Tables of Arrow that hold numbers and booleans alone, as arrays: no DataFrame between, no copy of one whole piece."""

from __future__ import annotations

from typing import Any

import numpy as np


def plain_columns(table: Any, types: Any) -> tuple[list[str], list[np.ndarray[Any, Any]]] | None:
    """Names and columns of a table of Arrow, or None where pandas must say what they are.

    That is where there is anything but numbers and booleans, a null, a name twice, or where pandas noted in the table
    an index or names that are no text. ``types`` is ``pyarrow.types``.
    """
    names = table.column_names
    plain = all(
        column.null_count == 0 and (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind))
        for kind, column in zip(table.schema.types, table.columns, strict=True)
    )
    if not plain or not names or len(set(names)) != len(names) or not _is_usual(table):
        return None
    return names, [column.to_numpy() for column in table.columns]


def _is_usual(table: Any) -> bool:
    """Whether pandas noted nothing in the table, or that rows are numbered from 0 and columns have text for names."""
    noted = table.schema.pandas_metadata
    if not noted:
        return True
    numbered = {"kind": "range", "name": None, "start": 0, "stop": table.num_rows, "step": 1}
    indexes, labels = noted.get("index_columns"), noted.get("column_indexes")
    texts = [{"name": None, "pandas_type": "unicode"}]
    return (indexes in ([], [numbered])) and (
        not labels or [{key: each.get(key) for key in texts[0]} for each in labels] == texts
    )
