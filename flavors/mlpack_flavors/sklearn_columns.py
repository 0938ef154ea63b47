"""A ColumnTransformer that picks columns from a table, not from a DataFrame: each part gets the array of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mlpack.table import Table
from mlpack_flavors.sklearn_twins import Twin, twin_of

#: What takes an array of texts for the frame of them.
_OF_TEXT = frozenset({"OneHotEncoder", "OrdinalEncoder", "SimpleImputer"})
#: Names of the columns, and what is done with the array of them.
Part = tuple[tuple[str, ...], Callable[[Any], Any], bool]


def column_twin(fitted: Any) -> Twin | None:
    """The twin of a ColumnTransformer whose columns are given by names; None where one of its parts has none."""
    parts = list(_parts(fitted))
    if fitted.transformer_weights or None in parts:
        return None
    known: list[Part] = [part for part in parts if part is not None]

    def take(table: Table) -> list[Any] | None:
        if table.names is None:
            return None
        columns = dict(zip(table.names, table.columns, strict=True))
        arrays = [_array(names, columns, table.rows, text) for names, _, text in known]
        return None if any(array is None for array in arrays) else arrays

    def call(arrays: list[Any]) -> Any:
        done = [transform(array) for (_, transform, _), array in zip(known, arrays, strict=True)]
        if fitted.sparse_output_:
            from scipy import sparse

            return sparse.hstack(done).tocsr()
        return np.hstack([each.toarray() if hasattr(each, "toarray") else each for each in done])

    return Twin(take, call, minds_gaps=True)


def _parts(fitted: Any) -> Iterator[Part | None]:
    for _, transformer, names in fitted.transformers_:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            yield None
        elif names:
            transform = _transform(transformer)
            yield None if transform is None else (tuple(names), transform, _takes_text(transformer))


def _transform(transformer: Any) -> Callable[[Any], Any] | None:
    """What a part does with an array; columns that are passed through come as a FunctionTransformer of nothing."""
    if transformer == "passthrough" or (
        type(transformer).__name__ == "FunctionTransformer" and transformer.func is None
    ):
        return lambda array: array
    twin = twin_of(transformer, "transform")
    return twin.call if twin is not None and twin.take == Table.matrix else None


def _takes_text(transformer: Any) -> bool:
    steps = [step for _, step in getattr(transformer, "steps", [("", transformer)])]
    return all(type(step).__name__ in _OF_TEXT for step in steps)


def _array(names: tuple[str, ...], columns: dict[Any, Any], rows: int, text: bool) -> Any:
    """The named columns as a frame of them would be as an array, or None where they are missing or of other kinds."""
    if not columns.keys() >= set(names):
        return None
    own = [columns[name] for name in names]
    matrix = Table(names, own, rows).matrix()
    if matrix is None and text and all(column.dtype == object for column in own):
        cells = [_text(column.tolist()) for column in own]
        matrix = None if None in cells else np.array(cells, object).T
    return matrix


def _text(cells: list[Any]) -> list[Any] | None:
    """Texts as pandas has them: NaN where one is missing, unless all are; None where there are others than texts."""
    if not all(isinstance(cell, str) or cell is None for cell in cells):
        return None
    if None not in cells or cells.count(None) == len(cells):
        return cells
    return [np.nan if cell is None else cell for cell in cells]
