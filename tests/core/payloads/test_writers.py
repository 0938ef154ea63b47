"""Answers as Arrow, Parquet, CSV and JSON, of one call or of many."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse

from mlpack.errors import UnsupportedMediaType, UnwritableAnswer
from mlpack.payloads import ARROW_STREAM, CSV, JSON, PARQUET, encode_answer, encode_arrow, encode_json, open_writer


def joined(answers: list[Any], kind: str, *, wrapped: bool = True) -> bytes:
    stream = io.BytesIO()
    with open_writer(stream, kind, wrapped=wrapped) as writer:
        for answer in answers:
            writer.append(encode_answer(answer, kind))
    return stream.getvalue()


def columns(arrow: bytes) -> dict[str, list[Any]]:
    return dict(pa.ipc.open_stream(arrow).read_all().to_pydict())


@pytest.mark.parametrize(
    ("predictions", "expected"),
    [
        (np.array([1.5, 2]), {"predictions": [1.5, 2.0]}),
        ([1, None], {"predictions": [1, None]}),
        ("text", {"predictions": ["text"]}),
        (np.array(3), {"predictions": [3]}),
        (np.array([[1, 2], [3, 4]]), {"0": [1, 3], "1": [2, 4]}),
        ([[1, 2], [3, 4]], {"0": [1, 3], "1": [2, 4]}),
        ([[1, 2], [3]], {"predictions": [[1, 2], [3]]}),
        (np.ones((2, 1, 1)), {"predictions": [[[1.0]], [[1.0]]]}),
        (pd.DataFrame({1: [1], "b": ["x"]}, index=["r"]), {"1": [1], "b": ["x"]}),
        (pd.Series([1, 2], index=[5, 6]), {"0": [1, 2]}),
        (pd.Series([1, 2], name="score"), {"score": [1, 2]}),
        ({"a": np.array([1, 2]), "b": [["x"], []]}, {"a": [1, 2], "b": [["x"], []]}),
        ({"a": 1, "b": [1, 2]}, {"a": [1], "b": [[1, 2]]}),
        ([{"a": 1}, {"a": 2}], {"a": [1, 2]}),
        (scipy.sparse.eye(2).tocsr(), {"0": [1.0, 0.0], "1": [0.0, 1.0]}),
        ([], {"predictions": []}),
    ],
)
def test_an_arrow_answer_has_columns(predictions: Any, expected: dict[str, list[Any]]) -> None:
    assert columns(encode_arrow(predictions)) == expected


def test_arrow_keeps_the_types_of_numpy() -> None:
    schema = pa.ipc.open_stream(encode_arrow(np.array([0.1], np.float32))).schema
    assert schema.field("predictions").type == pa.float32()


@pytest.mark.parametrize("predictions", [[1, "x"], object(), pd.DataFrame([[1, 2]], columns=["a", "a"])])
def test_what_arrow_cannot_hold_is_the_models_fault(predictions: Any) -> None:
    with pytest.raises(UnwritableAnswer):
        encode_arrow(predictions)


def test_without_pyarrow_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnsupportedMediaType) as caught:
        encode_arrow([1])
    assert "mlpack-models[arrow]" in caught.value.tip


CHUNKS = [np.array([1.5, 2.0]), np.array([]), np.array([3.0])]


def test_chunks_read_like_one_answer() -> None:
    assert joined(CHUNKS, JSON) == encode_json(np.concatenate(CHUNKS))
    assert joined(CHUNKS, CSV) == b"predictions\n1.5\n2.0\n3.0\n"
    assert columns(joined(CHUNKS, ARROW_STREAM)) == {"predictions": [1.5, 2.0, 3.0]}
    assert pq.read_table(io.BytesIO(joined(CHUNKS, PARQUET))).to_pydict() == {"predictions": [1.5, 2.0, 3.0]}


@pytest.mark.parametrize("answer", [{"a": [1]}, 5, "x", None, [], [1], pd.DataFrame({"a": [1]})])
def test_one_chunk_is_written_as_a_single_answer_is(answer: Any) -> None:
    for wrapped in (True, False):
        assert joined([answer], JSON, wrapped=wrapped) == encode_json(answer, wrapped=wrapped)


def test_no_chunk_at_all_is_an_empty_answer() -> None:
    assert json.loads(joined([], JSON)) == {"predictions": []}
    assert joined([], CSV) == b""
    assert columns(joined([], ARROW_STREAM)) == {}


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([{"a": 1}, {"a": 2}], JSON),
        ([[1], {"a": 2}], JSON),
        ([pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})], CSV),
        ([pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})], ARROW_STREAM),
        ([np.array([1]), np.array([1.5])], PARQUET),
    ],
)
def test_answers_that_cannot_be_joined_are_refused(answers: list[Any], kind: str) -> None:
    with pytest.raises(UnwritableAnswer):
        joined(answers, kind)


def test_cells_of_csv_are_what_json_would_have() -> None:
    frame = pd.DataFrame(
        {
            "t": pd.to_datetime(["2024-01-02", "NaT"]),
            "b": [b"x", b""],
            "l": [[1, None], {"a": "é"}],
            "yes": [True, False],
            "s": ['q"', None],
            "f": np.array([0.1, np.nan], np.float32),
        }
    )
    rows = [
        "t,b,l,yes,s,f",
        '2024-01-02T00:00:00,eA==,"[1, null]",true,"q""",0.10000000149011612',
        ',,"{""a"": ""\\u00e9""}",false,,',
    ]
    assert joined([frame], CSV).decode() == "\n".join(rows) + "\n"
