"""Enforcement of a signature: data in, data of the declared types out, or a SchemaMismatch; see `mlpack.values`."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpack.containers import as_array, columns_of, is_pandas, positions_of
from mlpack.datatypes import AnyType, DataType
from mlpack.errors import SchemaMismatch
from mlpack.schema import ColSpec, ParamSchema, Schema
from mlpack.table import Table
from mlpack.tensors import enforce_tensor_columns, enforce_tensors
from mlpack.values import Misfit, Source, Values, as_plain, convert, each, kind_of, loose, nest, objects

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Source", "enforce", "enforce_params", "enforce_table", "enforce_tensor_columns", "enforce_tensors"]

_log = logging.getLogger(__name__)
_NAMED = 10


def enforce_table(
    names: Sequence[Hashable] | None,
    columns: Sequence[Values],
    schema: Schema,
    *,
    source: Source,
    index: Sequence[Any] | None = None,
) -> Table:
    """Columns of equal length, as they came, in the order and the types of the schema.

    Columns that the schema does not have are dropped, optional ones may be absent. Where there are no names, or the
    schema has none, position decides. Raises SchemaMismatch for columns that are missing, come twice or do not fit.
    """
    rows = len(columns[0]) if columns else len(index or ())
    specs = schema.columns
    if not schema.matches(names):
        picked = _pick(names, len(columns), schema)
        specs = [spec for _, spec, _ in picked]
        columns = [columns[position] for position, _, _ in picked]
        names = None if names is None and not schema.has_input_names() else [label for _, _, label in picked]
    arrays = [_column(values, spec, source) for values, spec in zip(columns, specs, strict=True)]
    return Table(None if names is None else tuple(names), arrays, rows, index)


def _pick(names: Sequence[Hashable] | None, count: int, schema: Schema) -> list[tuple[int, ColSpec, Hashable]]:
    """For each column of the schema that came: its position in what came, its spec and the label it keeps."""
    labels = range(count) if names is None else names
    if schema.has_input_names():
        positions = positions_of(labels, schema.input_names())
        _check_missing(positions, schema)
        return [(positions[spec.name], spec, spec.name) for spec in schema.columns if spec.name in positions]
    if count < len(schema):
        raise SchemaMismatch(None, expected=f"{len(schema)} columns", got=f"{count}")
    positions_of(labels, labels[: len(schema)])
    return [(position, spec, labels[position]) for position, spec in enumerate(schema.columns)]


def _check_missing(came: Mapping[Hashable, int], schema: Schema) -> None:
    missing = [spec for spec in schema.columns if spec.required and spec.name not in came]
    if not missing:
        return
    known = set(schema.input_names())
    extra = [str(name)[:40] for name in came if name not in known][:_NAMED]
    tip = f"not in the signature, and ignored: {', '.join(extra)}" if extra else ""
    if len(missing) == 1:
        expected = f"a column of type {missing[0].type!r}"
        raise SchemaMismatch(str(missing[0].name), expected=expected, got="no column of this name", tip=tip)
    wanted = ", ".join(repr(spec.name) for spec in missing)
    raise SchemaMismatch(None, expected=f"the columns {wanted}", got="no columns of these names", tip=tip)


def _column(values: Values, spec: ColSpec, source: Source) -> np.ndarray[Any, Any]:
    to = spec.type
    try:
        if type(to) is DataType:
            return convert(values, to, source, optional=not spec.required)
        if isinstance(to, AnyType):
            return loose(values)
        cells = list(values) if isinstance(values, np.ndarray) else as_plain(values)
        return objects(each(cells, lambda cell: nest(cell, to, source, spec.required)))
    except Misfit as misfit:
        field = misfit.path if spec.name is None else f"{spec.name}{misfit.path}"
        expected = misfit.expected or repr(to)
        raise SchemaMismatch(field or None, expected=expected, got=misfit.got, row=misfit.row) from None


def enforce(data: Any, schema: Schema | None) -> Any:
    """Data of a Python caller as the model wants it: a DataFrame for columns, arrays or sparse matrices for tensors.

    Without a schema data is returned as it is. Raises SchemaMismatch for data that does not fit.
    """
    if schema is None:
        return data
    data = as_array(data)
    if schema.is_tensor_spec():
        return enforce_tensors(data, schema, source=Source.PYTHON)
    if isinstance(data, dict) and any(map(is_pandas, data.values())):
        import pandas as pd

        data = pd.DataFrame(data)
    if is_pandas(data):
        return _enforce_frame(data, schema)
    names, columns = columns_of(data, schema)
    return enforce_table(names, columns, schema, source=Source.PYTHON).frame()


def _enforce_frame(data: pd.DataFrame | pd.Series[Any], schema: Schema) -> pd.DataFrame:
    """A DataFrame with the index it had; text, bytes and booleans with gaps keep dtype and what stands for gaps."""
    import pandas as pd

    frame = data.to_frame() if isinstance(data, pd.Series) else data
    done: dict[Hashable, Any] = {}
    for position, spec, label in _pick(list(frame.columns), frame.shape[1], schema):
        series = frame.iloc[:, position]
        array = _column(series, spec, Source.PYTHON)
        as_it_came = series.dtype == array.dtype == object or isinstance(series.dtype, pd.StringDtype)
        done[label] = series if as_it_came and spec.type in _KEPT else array
    return pd.DataFrame(done, index=frame.index)


_KEPT = {DataType.string, DataType.binary, DataType.boolean}


def enforce_params(params: Mapping[str, Any] | None, schema: ParamSchema | None) -> dict[str, Any] | None:
    """Parameters as the model wants them, the defaults for those that did not come among them.

    Parameters that the schema does not have are dropped with a warning in the log, all of them where there is no
    schema; None without a schema stays None, as MLflow has it. Raises SchemaMismatch for a value that does not fit.
    """
    if params is None and schema is None:
        return None
    if params is not None and not isinstance(params, Mapping):
        raise SchemaMismatch("params", expected="an object", got=kind_of(params))
    given = {str(name): value for name, value in (params or {}).items()}
    specs = {spec.name: spec for spec in schema} if schema is not None else {}
    if unknown := [name for name in given if name not in specs]:
        _log.warning("parameters that the signature does not have are ignored: %d", len(unknown))
    done = {name: specs[name].convert(value) for name, value in given.items() if name in specs}
    return done | {name: spec.default for name, spec in specs.items() if name not in done}
