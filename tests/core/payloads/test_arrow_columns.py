"""Tables of Arrow without a DataFrame between: models cannot tell, but by the time."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpack.enforcement import enforce
from mlpack.errors import InvalidInput
from mlpack.manifest import Model
from mlpack.payloads import ARROW_STREAM, decode
from mlpack.schema import ColSpec, Schema
from mlpack.signature import ModelSignature
from mlpack.table import Table

KINDS = ("double", "float", "long", "integer", "boolean", "string", "datetime")
DTYPES = ("f8", "f4", "f2", "i8", "i4", "i2", "u1", "u8", "?")
SCHEMAS = [Schema([ColSpec(one, "a"), ColSpec(two, "b")]) for one in KINDS for two in ("double", "long")]
SCHEMAS += [Schema([ColSpec(kind), ColSpec(kind)]) for kind in KINDS]
SCHEMAS += [Schema([ColSpec(kind, "b", False), ColSpec("double", "a", False)]) for kind in KINDS]


def column(dtype: str, values: list[Any]) -> np.ndarray[Any, Any]:
    with np.errstate(all="ignore"):
        return np.array(values).astype(dtype)


columns = st.builds(
    column,
    st.sampled_from(DTYPES),
    st.lists(st.sampled_from([0, 1, 2, 7]), min_size=3, max_size=3)
    | st.sampled_from([[0.5, 1, 2], [2**24 + 1, 1, 2], [2**53 + 1, 0, 1], [float("nan"), 1, -0.0]]),
)
indexes = st.sampled_from([None, pd.RangeIndex(3), pd.RangeIndex(1, 4), pd.Index([3, 1, 2]), pd.Index(list("xyz"))])


def stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return sink.getvalue()


def frame_of(data: Any) -> pd.DataFrame:
    frame = data.frame() if isinstance(data, Table) else data
    assert isinstance(frame, pd.DataFrame)
    return frame


@given(st.lists(columns, min_size=1, max_size=3), st.permutations(["a", "b", "c"]), indexes, st.sampled_from(SCHEMAS))
@settings(max_examples=400, deadline=None)
def test_a_table_is_what_its_frame_is(
    arrays: list[Any], names: list[str], index: pd.Index | None, schema: Schema
) -> None:
    frame = pd.DataFrame(dict(zip(names, arrays, strict=False)), index=index)
    table = pa.Table.from_pandas(frame)
    model = Model(signature=ModelSignature(inputs=schema))
    try:
        expected = enforce(table.to_pandas(), schema)
    except InvalidInput as refused:
        with pytest.raises(type(refused)) as caught:
            decode(stream(table), ARROW_STREAM, model)
        assert str(caught.value) == str(refused)
    else:
        found = frame_of(decode(stream(table), ARROW_STREAM, model).data)
        pd.testing.assert_frame_equal(found, expected, check_column_type=expected.shape[1] > 0)


@pytest.mark.parametrize("index", [None, pd.Index([3, 1, 2]), pd.RangeIndex(3, name="n")])
def test_an_index_that_pandas_noted_is_kept(index: pd.Index | None) -> None:
    frame = pd.DataFrame({"a": [1.5, 2.5, 3.5], "b": [1.0, 2.0, 3.0]}, index=index)
    model = Model(signature=ModelSignature(inputs=SCHEMAS[0]))
    data = decode(stream(pa.Table.from_pandas(frame)), ARROW_STREAM, model).data
    assert isinstance(data, Table) == (index is None)
    pd.testing.assert_frame_equal(frame_of(data), frame)


def test_names_that_were_numbers_are_numbers_again() -> None:
    table = pa.Table.from_pandas(pd.DataFrame({0: [1.5], 1: [2.5]}))
    model = Model(signature=ModelSignature(inputs=Schema([ColSpec("double"), ColSpec("double")])))
    assert frame_of(decode(stream(table), ARROW_STREAM, model).data).columns.equals(pd.Index([0, 1]))


def test_a_column_in_one_piece_is_not_copied() -> None:
    table = pa.table({"a": [1.5, 2.5], "b": [1.5, 2.5]})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    body = sink.getvalue()
    data = decode(body, ARROW_STREAM, Model(signature=ModelSignature(inputs=SCHEMAS[0]))).data
    assert np.shares_memory(data.columns[0], np.frombuffer(body, np.uint8))
