"""The input example: written as MLflow writes it, and read back in the container it came in."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.examples import Example, read_example, read_serving_input

FRAME = pd.DataFrame({"n": [1, 2], "x": [0.5, np.nan], "t": ["a", None], "when": pd.to_datetime(["2024-01-02", "NaT"])})


def written(example: Any, folder: Path) -> tuple[dict[str, Any], Any, Any]:
    """The manifest's entry, the stored example and the stored request body."""
    info = Example.of(example).write(folder)
    return (
        info,
        json.loads((folder / "input_example.json").read_text()),
        json.loads((folder / "serving_input_example.json").read_text()),
    )


def test_a_frame_is_a_split_dict_without_index_and_with_null_for_missing(tmp_path: Path) -> None:
    info, content, serving = written(FRAME, tmp_path)
    assert info["type"] == "dataframe"
    assert info["pandas_orient"] == "split"
    assert content == {
        "columns": ["n", "x", "t", "when"],
        "data": [[1, 0.5, "a", "2024-01-02T00:00:00"], [2, None, None, None]],
    }
    assert serving == {"dataframe_split": content}


def test_default_columns_are_not_written(tmp_path: Path) -> None:
    info, content, _ = written(pd.DataFrame([[1, 2.5]]), tmp_path)
    assert (info["pandas_orient"], content) == ("values", {"data": [[1, 2.5]]})


@pytest.mark.parametrize(
    ("example", "kind", "content"),
    [
        (np.array([[1.0, np.nan]]), "ndarray", [[1.0, None]]),
        ({"a": np.array([1, 2])}, "ndarray", {"a": [1, 2]}),
        ({"a": 1, "b": ["x"]}, "json_object", {"a": 1, "b": ["x"]}),
        (["x", "y"], "json_object", ["x", "y"]),
        ("text", "json_object", "text"),
        (b"ab", "json_object", "YWI="),
        (np.float32(0.5), "json_object", 0.5),
        (datetime(2024, 1, 2), "json_object", "2024-01-02T00:00:00"),
    ],
)
def test_other_values_go_under_inputs(tmp_path: Path, example: Any, kind: str, content: Any) -> None:
    info, stored, serving = written(example, tmp_path)
    assert (info["type"], stored, serving) == (kind, content, {"inputs": content})


def test_params_lie_beside_the_data(tmp_path: Path) -> None:
    info, content, serving = written((["x"], {"top_k": 3}), tmp_path)
    assert info["params"] == "true"
    assert content == {"inputs": ["x"], "params": {"top_k": 3}}
    assert serving == {"inputs": ["x"], "params": {"top_k": 3}}


def test_a_language_model_body_is_not_wrapped(tmp_path: Path) -> None:
    _, _, serving = written(({"messages": [{"role": "user", "content": "hi"}]}, {"n": 1}), tmp_path)
    assert serving == {"messages": [{"role": "user", "content": "hi"}], "n": 1}


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_matrix])
def test_a_sparse_matrix_comes_back_sparse_and_is_dense_in_the_request(tmp_path: Path, make: Any) -> None:
    matrix = make(np.array([[0.0, 2.0], [3.0, 0.0]]))
    info, _, serving = written(matrix, tmp_path)
    again, _ = read_example(tmp_path, info)
    assert again.format == matrix.format
    assert (again != matrix).nnz == 0
    assert serving == {"inputs": [[0.0, 2.0], [3.0, 0.0]]}


@pytest.mark.parametrize("example", [np.array([[1.0, 2.0]]), {"a": np.array([1.0])}, [1, 2], {"a": "b"}, "text"])
def test_an_example_is_read_back_as_it_was_given(tmp_path: Path, example: Any) -> None:
    again, params = read_example(tmp_path, Example.of(example).write(tmp_path))
    assert type(again) is type(example)
    assert np.array_equal(again, example) if isinstance(example, np.ndarray) else again == example
    assert params is None


def test_a_frame_is_read_back_as_a_frame(tmp_path: Path) -> None:
    frame = FRAME[["n", "x"]]
    again, _ = read_example(tmp_path, Example.of(frame).write(tmp_path))
    pd.testing.assert_frame_equal(again, frame)


@pytest.mark.parametrize("example", [object(), {"a": np.array([1]), "b": 2}, {"a": object()}])
def test_what_json_cannot_hold_is_refused(tmp_path: Path, example: Any) -> None:
    with pytest.raises(InvalidArgument, match="input_example"):
        Example.of(example).write(tmp_path)


def test_a_missing_or_broken_example_is_named(tmp_path: Path) -> None:
    (tmp_path / "input_example.json").write_text('{"data": [[1]')
    with pytest.raises(InvalidPackage, match=r"input_example\.json"):
        read_example(tmp_path, {"artifact_path": "input_example.json", "type": "dataframe"})
    assert read_serving_input(tmp_path, {}) is None
