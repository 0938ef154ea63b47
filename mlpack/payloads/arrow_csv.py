"""Big CSV bodies by pyarrow, where it is installed: it finds the cells and reads the floats, other cells stay text.

Only a body that can be read in one way is read here: without quotes, all rows of one length, floats far from where
they lose digits. For any other there is the reader in `mlpack.payloads.delimited`, whose rules and errors are the same
for all.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Hashable, Mapping
from typing import Any, TypeAlias

import numpy as np

from mlpack.payloads.limits import Limits

#: Names, columns (arrays of doubles where floats are wanted, else lists of text), number of rows.
Columns: TypeAlias = tuple[list[str], list[Any], int]
#: Below that, importing pyarrow and setting it up takes longer than it saves.
_WORTH = 2**16


def read_columns(
    body: bytes, dtypes: Mapping[Hashable, np.dtype[Any]], missing: frozenset[str], limits: Limits
) -> Columns | None:
    """The columns of a CSV body, or None where the other reader must read it.

    ``dtypes`` are those that the columns will have, by name or position; ``missing`` are the texts that are NaN there.
    """
    if len(body) < _WORTH or b'"' in body or b"\0" in body or body.count(b"\r") != body.count(b"\r\n"):
        return None
    header, _, rows = body.removeprefix(codecs.BOM_UTF8).partition(b"\n")
    try:
        names = header.rstrip(b"\r").decode().split(",")
    except UnicodeDecodeError:
        return None
    if not all(names) or not names[0].strip() or len(set(names)) != len(names) or len(names) > limits.columns:
        return None
    floats = [_float(dtypes.get(name, dtypes.get(at))) for at, name in enumerate(names)]
    table = _table(rows, floats, missing)
    if table is None or len(table) * len(names) > limits.cells:
        return None
    columns = [_column(column, dtype) for column, dtype in zip(table.columns, floats, strict=True)]
    return None if any(column is None for column in columns) else (names, columns, len(table))


def _float(dtype: np.dtype[Any] | None) -> np.dtype[Any] | None:
    return dtype if dtype is not None and dtype.kind == "f" else None


def _table(rows: bytes, floats: list[np.dtype[Any] | None], missing: frozenset[str]) -> Any:
    """pyarrow's table of rows without a header, or None where they are not what it takes."""
    try:
        import pyarrow
        from pyarrow import csv as reader
    except ImportError:
        return None
    names = list(map(str, range(len(floats))))
    text, double = pyarrow.string(), pyarrow.float64()
    types = {name: text if dtype is None else double for name, dtype in zip(names, floats, strict=True)}
    try:
        return reader.read_csv(
            pyarrow.py_buffer(rows),
            reader.ReadOptions(column_names=names, use_threads=False, block_size=len(rows) + 1),
            convert_options=reader.ConvertOptions(column_types=types, null_values=list(missing)),
        )
    except pyarrow.ArrowException:
        return None


def _column(column: Any, dtype: np.dtype[Any] | None) -> Any:
    """A column of text, or of floats with NaN for what is missing.

    None where that is not what the other reader makes of it: text that is too long, a float that text alone says
    exactly.
    """
    if dtype is None:
        texts = column.to_pylist()
        return texts if max(map(len, texts)) <= csv.field_size_limit() else None
    array: np.ndarray[Any, Any] = column.to_numpy()
    missing = np.isnan(array)
    exact = 2.0 ** (np.finfo(dtype).nmant + 1)
    plain = np.count_nonzero(missing) == column.null_count and (missing | (np.abs(array) < exact)).all()
    return array if plain else None
