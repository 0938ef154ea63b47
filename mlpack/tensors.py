"""Enforcement of a signature of tensors: arrays of the declared dtype and shape, or a SchemaMismatch."""

from __future__ import annotations

from collections.abc import Container, Hashable, Sequence
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpack.containers import is_pandas, positions_of
from mlpack.errors import SchemaMismatch
from mlpack.schema import Schema, TensorSpec
from mlpack.values import Misfit, Source, Values, as_plain, convert_plain, each, is_missing, kind_of, objects

if TYPE_CHECKING:
    import pandas as pd

NDArray = np.ndarray[Any, Any]


def enforce_tensors(data: Any, schema: Schema, *, source: Source) -> Any:
    """The array, the sparse matrix, or the dictionary of arrays by name, that a model of tensors takes.

    An array, sparse matrix or nested list is the tensor; where tensors have names a dictionary has them, and a single
    one may come without. The columns of a DataFrame are read as `enforce_tensor_columns` says.
    Raises SchemaMismatch for another shape, and for values that the dtype cannot hold exactly.
    """
    if is_pandas(data):
        frame: pd.DataFrame = data.to_frame() if data.ndim == 1 else data
        columns = [frame.iloc[:, position] for position in range(frame.shape[1])]
        return enforce_tensor_columns(list(frame.columns), columns, schema, source=source)
    if not schema.has_input_names():
        return _tensor(data, schema.tensors[0], source)
    if not isinstance(data, dict) and len(schema) == 1:
        data = {schema.tensors[0].name: data}
    if not isinstance(data, dict):
        raise SchemaMismatch(None, expected="a dictionary of tensors by name", got=kind_of(data))
    _check_missing(data, schema)
    return {spec.name: _tensor(data[spec.name], spec, source) for spec in schema.tensors}


def enforce_tensor_columns(
    names: Sequence[Hashable] | None, columns: Sequence[Values], schema: Schema, *, source: Source
) -> Any:
    """The tensors of a table: a column of numbers is a vector, one of flat lists has a tensor's row in each list.

    Columns belong to tensors by name. An unnamed tensor is the only column, or a matrix of all of them.
    """
    if schema.has_input_names():
        positions = positions_of(range(len(columns)) if names is None else names, schema.input_names())
        _check_missing(positions, schema)
        return {spec.name: _of_column(columns[positions[spec.name]], spec, source) for spec in schema.tensors}
    spec = schema.tensors[0]
    if not columns or not len(columns[0]):
        raise SchemaMismatch(None, expected=_expected(spec), got="an empty table")
    if len(columns) == 1:
        return _of_column(columns[0], spec, source)
    if spec.shape != (-1, len(columns)):
        raise SchemaMismatch(None, expected=_expected(spec), got=f"a table of {len(columns)} columns")
    return np.array([_of_column(column, TensorSpec(spec.type, (-1,)), source) for column in columns]).T


def _check_missing(came: Container[Hashable], schema: Schema) -> None:
    if missing := [repr(spec.name) for spec in schema.tensors if spec.name not in came]:
        raise SchemaMismatch(None, expected=f"the tensors {', '.join(missing)}", got="none of these names")


def _expected(spec: TensorSpec) -> str:
    return f"a tensor of {spec.type.name} with shape {spec.shape}"


def _tensor(data: Any, spec: TensorSpec, source: Source) -> Any:
    try:
        if isinstance(data, np.ndarray):
            return _of_array(data, spec, source)
        if getattr(data, "format", None) in {"csr", "csc"}:
            return _of_sparse(data, spec, source)
        if not isinstance(data, list):
            raise Misfit(kind_of(data))
        if spec.type.kind == "O" and spec.shape == (-1,):
            return objects(data)
        shape, leaves = _flat(data, len(spec.shape))
        _check_shape(shape, spec)
        return _leaves(leaves, shape, spec, source)
    except Misfit as misfit:
        name = "" if spec.name is None else str(spec.name)
        raise SchemaMismatch((name + misfit.path) or None, expected=_expected(spec), got=misfit.got) from None


def _check_shape(shape: tuple[int, ...], spec: TensorSpec) -> None:
    fits = len(shape) == len(spec.shape) and all(
        want in {-1, size} for want, size in zip(spec.shape, shape, strict=True)
    )
    if not fits:
        raise Misfit(f"a tensor of shape {shape}")


def _of_array(data: NDArray, spec: TensorSpec, source: Source) -> NDArray:
    if spec.type.kind == "O" and spec.shape == (-1,):
        return data
    # Rows of different length, which a schema can only half describe, are for the model to understand.
    if data.dtype == object and data.ndim == 1 and len(spec.shape) > 1 and -1 in spec.shape[1:]:
        return data
    _check_shape(data.shape, spec)
    if data.dtype == spec.type or (data.dtype.kind == spec.type.kind and data.dtype.kind in "US"):
        return data
    return _leaves(as_plain(data.ravel()), data.shape, spec, source)


def _of_sparse(data: Any, spec: TensorSpec, source: Source) -> Any:
    """A sparse matrix in rows or columns; what it does not hold is zero, which every number type has."""
    _check_shape(data.shape, spec)
    if data.dtype == spec.type:
        return data
    _leaves(data.data, data.data.shape, spec, source)
    return data.astype(spec.type)


def _flat(data: list[Any], depth: int) -> tuple[tuple[int, ...], list[Any]]:
    """The shape of nested lists down to one level below `depth`, and what is inside of them in order."""
    shape, items = [len(data)], data
    while items and type(items[0]) is list and len(shape) <= depth:
        lengths = {len(item) if type(item) is list else None for item in items}
        if len(lengths) > 1:
            raise Misfit("lists of different lengths")
        shape.append(len(items[0]))
        items = list(chain.from_iterable(items))
    return tuple(shape), items


def _leaves(leaves: list[Any] | NDArray, shape: tuple[int, ...], spec: TensorSpec, source: Source) -> NDArray:
    """The values in the dtype and the shape; a Misfit gets the position as its path."""
    try:
        return _typed(leaves, spec.type, source).reshape(shape)
    except Misfit as misfit:
        if misfit.row is not None:
            position = np.unravel_index(misfit.row, shape)
            misfit.inside("".join(f"[{int(step)}]" for step in position))
        raise


def _typed(leaves: list[Any] | NDArray, dtype: np.dtype[Any], source: Source) -> NDArray:
    if dtype.kind == "O":
        return objects(leaves) if isinstance(leaves, list) else leaves.astype(object)
    if dtype.kind == "c":
        return convert_plain(leaves, np.dtype(np.float64), source).astype(dtype)
    if dtype.kind not in "biufMUS":
        raise Misfit(f"values that cannot become {dtype.name}")
    if dtype.kind == "S" and source is not Source.PYTHON and isinstance(leaves, list):
        # Not base64, as in a column of bytes: MLflow takes the text itself.
        leaves = [leaf.encode() if isinstance(leaf, str) else leaf for leaf in leaves]
    array = convert_plain(leaves, dtype, source)
    if dtype.kind in "US":
        each(array, _check_fixed)
    return array.astype(dtype, copy=False)


def _check_fixed(value: Any) -> None:
    """numpy's own text and bytes have nothing missing, and lose zeros at the end."""
    if is_missing(value):
        raise Misfit(kind_of(value))
    if value[-1:] in {"\0", b"\0"}:
        raise Misfit("a zero at the end")


def _of_column(column: Values, spec: TensorSpec, source: Source) -> NDArray:
    name = None if spec.name is None else str(spec.name)
    try:
        if spec.shape[:1] != (-1,) or -1 in spec.shape[1:]:
            raise Misfit("a column of a table, which can only leave the number of rows open")
        cells = list(column) if isinstance(column, np.ndarray) and column.ndim > 1 else as_plain(column)
        if len(cells) and isinstance(cells[0], (list, np.ndarray)):
            leaves = _joined(cells, prod(spec.shape[1:]))
        else:
            leaves = cells
            if spec.shape not in {(-1,), (-1, 1)}:
                raise Misfit("a column of single values")
        return _leaves(leaves, (len(cells), *spec.shape[1:]), spec, source)
    except Misfit as misfit:
        raise SchemaMismatch(name, expected=_expected(spec), got=misfit.got, row=misfit.row) from None


def _joined(cells: Any, size: int) -> list[Any] | NDArray:
    """The values of all cells, each a flat list or array of one row of the tensor."""
    for row, cell in enumerate(cells):
        if not isinstance(cell, (list, np.ndarray)):
            raise Misfit(kind_of(cell), row=row)
        if len(cell) != size or getattr(cell, "ndim", 1) != 1:
            raise Misfit(f"a list that has not {size} values", row=row)
    if all(isinstance(cell, np.ndarray) for cell in cells):
        return np.concatenate(cells) if len({cell.dtype for cell in cells}) == 1 else list(chain.from_iterable(cells))
    return list(chain.from_iterable(cells))
