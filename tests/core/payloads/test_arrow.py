"""Parquet files and Arrow IPC streams as bodies."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlpack.errors import LimitExceeded, MalformedPayload, SchemaMismatch, UnsupportedMediaType
from mlpack.manifest import Model
from mlpack.payloads import ARROW_STREAM, PARQUET, Limits, decode
from mlpack.payloads.parquet_sizes import Claims, claims
from mlpack.schema import ColSpec, Schema, TensorSpec
from mlpack.signature import ModelSignature

KINDS = [PARQUET, ARROW_STREAM]
SCHEMA = Schema([ColSpec("double", "a"), ColSpec("string", "b", required=False)])


def written(table: pa.Table, kind: str, compression: str | None = None) -> bytes:
    stream = io.BytesIO()
    if kind == PARQUET:
        pq.write_table(table, stream, compression=compression or "none")
    else:
        options = pa.ipc.IpcWriteOptions(compression=compression)
        with pa.ipc.new_stream(stream, table.schema, options=options) as writer:
            writer.write_table(table)
    return stream.getvalue()


def ask(body: bytes, kind: str, schema: Schema | None = SCHEMA, **limits: int) -> Any:
    signature = None if schema is None else ModelSignature(inputs=schema)
    return decode(body, kind, Model(signature=signature), Limits(**limits)).data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
def test_columns_are_held_against_the_signature_as_those_of_python_are(kind: str, compression: str | None) -> None:
    table = pa.table({"z": [0, 0], "b": ["x", None], "a": pa.array([1, 2], pa.int64())})
    frame = ask(written(table, kind, compression), kind)
    assert list(frame.columns) == ["a", "b"]
    assert frame["a"].tolist() == [1.0, 2.0]
    with pytest.raises(SchemaMismatch, match="'a' expects double, got text"):
        ask(written(pa.table({"a": ["1"]}), kind), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_index_of_pandas_comes_along(kind: str) -> None:
    table = pa.Table.from_pandas(pd.DataFrame({"a": [1.5, 2.5]}, index=[7, 9]))
    assert list(ask(written(table, kind), kind).index) == [7, 9]
    assert list(ask(written(table, kind), kind, None).index) == [7, 9]


@pytest.mark.parametrize("kind", KINDS)
def test_integers_beside_nulls_keep_every_digit(kind: str) -> None:
    table = pa.table({"a": pa.array([2**53 + 1, None])})
    with pytest.raises(SchemaMismatch, match="integer"):
        ask(written(table, kind), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_lists_is_a_tensor(kind: str) -> None:
    schema = Schema([TensorSpec(np.dtype("float64"), (-1, 2), "a")])
    arrays = ask(written(pa.table({"a": [[1.0, 2.0], [3.0, 4.0]]}), kind), kind, schema)
    assert arrays["a"].tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_body_is_refused(kind: str) -> None:
    whole = written(pa.table({"a": [1.5, 2.5], "b": ["x", "y"]}), kind)
    for body in (b"", b"PAR1", b"\0" * 100, whole[:-20] if kind == PARQUET else whole[:100], b'{"inputs": [1]}'):
        with pytest.raises(MalformedPayload, match="cannot be read"):
            ask(body, kind)


def test_a_footer_is_read_as_pyarrow_reads_it() -> None:
    table = pa.table({"a": [1.5] * 100, "b": ["x"] * 100, "c": [[1, None, 2]] * 100, "d": [{"q": b"x"}] * 100})
    stream = io.BytesIO()
    pq.write_table(table, stream, row_group_size=30, compression="zstd")
    metadata = pq.ParquetFile(stream).metadata
    chunks = [metadata.row_group(group).column(at) for group in range(4) for at in range(metadata.num_columns)]
    sizes = [chunk.total_uncompressed_size for chunk in chunks]
    texts = [size for chunk, size in zip(chunks, sizes, strict=True) if chunk.physical_type == "BYTE_ARRAY"]
    assert claims(stream.getvalue()) == Claims(sum(chunk.num_values for chunk in chunks), sum(sizes), sum(texts))


BOMBS = {
    "nulls without a byte": pa.table({"a": pa.nulls(3_000_000)}),
    "rows of one number": pa.table({"a": np.zeros(3_000_000)}),
    "one long text, many times": pa.table({"a": pa.array(["x" * 5_000_000] * 40), "b": np.zeros(40)}),
    "lists of nulls": pa.table({"a": pa.array([[None] * 1_000_000] * 3, pa.list_(pa.null(), 1_000_000))}),
    "lists of structs": pa.table({"a": [[{"q": None}] * 1_500_000] * 2}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BOMBS)
def test_what_unpacks_to_too_much_is_refused(name: str, kind: str) -> None:
    with pytest.raises(LimitExceeded):
        ask(written(BOMBS[name], kind, "zstd"), kind, None, array_bytes=100_000_000)


def test_a_text_that_every_row_refers_to_is_not_copied_for_every_row() -> None:
    body = written(pa.table({"a": pa.array(["x" * 100_000] * 200)}), PARQUET)
    assert len(body) < 300_000
    with pytest.raises(LimitExceeded, match="memory") as caught:
        ask(body, PARQUET, None, array_bytes=10_000_000)
    assert caught.value.option == "--max-array-bytes"


@pytest.mark.skipif(not hasattr(pa, "string_view"), reason="this pyarrow has no views")
def test_views_are_read_where_they_do_not_repeat_what_they_show() -> None:
    body = written(pa.table({"a": [1.5], "b": pa.array(["x" * 50], pa.string_view())}), ARROW_STREAM)
    assert ask(body, ARROW_STREAM)["b"].tolist() == ["x" * 50]
    runs = pa.RunEndEncodedArray.from_arrays([1_000_000], [1.5])
    with pytest.raises(MalformedPayload, match="run_end_encoded"):
        ask(written(pa.table({"a": runs}), ARROW_STREAM), ARROW_STREAM)


def test_offsets_that_point_outside_are_refused() -> None:
    body = bytearray(written(pa.table({"b": ["text"], "a": [1.5]}), ARROW_STREAM))
    at = body.rindex(b"text") - 64
    body[at + 4 : at + 8] = (2**30).to_bytes(4, "little")
    with pytest.raises(MalformedPayload):
        ask(bytes(body), ARROW_STREAM)


@pytest.mark.parametrize("kind", KINDS)
def test_text_that_is_not_utf_8_is_refused(kind: str) -> None:
    body = written(pa.table({"b": ["secret"], "a": [1.5]}), kind)
    with pytest.raises(MalformedPayload) as caught:
        ask(body.replace(b"secret", b"s\xffcret"), kind, None)
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_too_many_columns_are_refused(kind: str) -> None:
    table = pa.table({str(number): [1] for number in range(11)})
    with pytest.raises(LimitExceeded, match="columns"):
        ask(written(table, kind), kind, None, columns=10)


@pytest.mark.parametrize("kind", KINDS)
def test_without_pyarrow_the_error_says_how_to_get_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnsupportedMediaType) as caught:
        ask(b"", kind)
    assert caught.value.tip == "pip install 'mlpack-models[arrow]'"
