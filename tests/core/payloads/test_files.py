"""Input files in chunks."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlpack.errors import InvalidArgument, LimitExceeded, MalformedPayload, SchemaMismatch, UnsupportedMediaType
from mlpack.manifest import Model
from mlpack.payloads import ARROW_STREAM, CSV, JSON, PARQUET, Limits
from mlpack.payloads.files import chunks, content_type_of
from mlpack.schema import ColSpec, ParamSchema, ParamSpec, Schema
from mlpack.signature import ModelSignature

MODEL = Model(
    signature=ModelSignature(inputs=Schema([ColSpec("double", "a")]), params=ParamSchema([ParamSpec("t", "long", 1)]))
)
TABLE = pa.table({"a": [1.5, 2.5, 3.5, 4.5, 5.5], "b": list("vwxyz")})


def file_of(folder: Path, kind: str, table: pa.Table = TABLE) -> Path:
    path = folder / "input"
    if kind == PARQUET:
        pq.write_table(table, path, row_group_size=3)
    elif kind == ARROW_STREAM:
        with path.open("wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=3)
    elif kind == CSV:
        path.write_text(table.to_pandas().to_csv(index=False))
    else:
        path.write_text(json.dumps({"dataframe_records": table.to_pylist()}))
    return path


def values(data: Any) -> list[float]:
    frame = data if hasattr(data, "iloc") else data.frame()
    return list(frame["a"])


@pytest.mark.parametrize("kind", [CSV, PARQUET, ARROW_STREAM])
@pytest.mark.parametrize("model", [MODEL, Model()])
def test_a_file_comes_in_chunks_held_against_the_signature(tmp_path: Path, kind: str, model: Model) -> None:
    payloads = list(chunks(file_of(tmp_path, kind), kind, model, 2))
    assert [value for payload in payloads for value in values(payload.data)] == [1.5, 2.5, 3.5, 4.5, 5.5]
    assert max(len(values(payload.data)) for payload in payloads) == 2
    assert payloads[0].params == ({"t": 1} if model is MODEL else None)


def test_json_is_one_payload(tmp_path: Path) -> None:
    payloads = list(chunks(file_of(tmp_path, JSON), JSON, MODEL, 2))
    assert [values(payload.data) for payload in payloads] == [[1.5, 2.5, 3.5, 4.5, 5.5]]
    with pytest.raises(LimitExceeded):
        list(chunks(tmp_path / "input", JSON, MODEL, 2, Limits(body_bytes=10)))


@pytest.mark.parametrize("kind", [CSV, PARQUET, ARROW_STREAM])
def test_a_stream_is_read_and_stays_open(tmp_path: Path, kind: str) -> None:
    stream = io.BytesIO(file_of(tmp_path, kind).read_bytes())
    assert len(list(chunks(stream, kind, MODEL, 100))) >= 1
    assert not stream.closed


@pytest.mark.parametrize("kind", [CSV, PARQUET, ARROW_STREAM])
def test_a_file_without_rows_is_one_chunk_without_rows(tmp_path: Path, kind: str) -> None:
    payloads = list(chunks(file_of(tmp_path, kind, TABLE.slice(0, 0)), kind, MODEL, 2))
    assert [values(payload.data) for payload in payloads] == [[]]


@pytest.mark.parametrize("kind", [CSV, PARQUET, ARROW_STREAM])
def test_a_value_that_does_not_fit_is_named_by_its_row_in_the_file(tmp_path: Path, kind: str) -> None:
    model = Model(signature=ModelSignature(inputs=Schema([ColSpec("long", "a")])))
    given = chunks(file_of(tmp_path, kind, pa.table({"a": [1.0, 2.0, 3.0, 4.0, 5.5]})), kind, model, 2)
    assert values(next(given).data) == [1, 2]
    with pytest.raises(SchemaMismatch, match="'a' expects long, got a number with a fraction in row 4"):
        list(given)


@pytest.mark.parametrize(
    ("kind", "body"), [(CSV, b""), (CSV, b"a\n\xff\n"), (PARQUET, b"PAR1"), (ARROW_STREAM, b"x"), (JSON, b"{")]
)
def test_a_broken_file_is_refused(tmp_path: Path, kind: str, body: bytes) -> None:
    (tmp_path / "input").write_bytes(body)
    with pytest.raises(MalformedPayload):
        list(chunks(tmp_path / "input", kind, MODEL, 2))


def test_a_chunk_has_rows() -> None:
    with pytest.raises(InvalidArgument, match="at least one row"):
        next(chunks(io.BytesIO(b"a\n1\n"), CSV, MODEL, 0))


def test_a_file_larger_than_a_chunk_takes_the_memory_of_a_chunk(tmp_path: Path) -> None:
    path = tmp_path / "input"
    with path.open("w") as file:
        file.write("a\n")
        file.writelines(f"{number}.25\n" for number in range(50_000))
    tracemalloc.start()
    total = sum(float(np.sum(payload.data.columns[0])) for payload in chunks(path, CSV, MODEL, 500))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == sum(range(50_000)) + 12_500
    assert peak < path.stat().st_size / 2


def test_the_suffix_of_a_file_says_what_it_is() -> None:
    assert content_type_of("data/Iris.CSV") == CSV
    assert content_type_of(Path("x.parquet")) == PARQUET
    for name in ("x.xlsx", "x"):
        with pytest.raises(UnsupportedMediaType, match=r"\.csv"):
            content_type_of(name)
