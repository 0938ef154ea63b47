"""What is special about Sentence Transformers: the default signature, params, the task of embeddings, foreign code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import mlpack.pyfunc
import mlpack.sentence_transformers
from mlpack import plugins
from mlpack.errors import InvalidArgument
from mlpack.schema import ColSpec, DataType, Schema
from mlpack_serving.app import ScoringApp
from mlpack_serving.settings import Settings
from tests.flavors.cases.sentence_transformers import averaging

TASK = "llm/v1/embeddings"


@pytest.fixture(scope="module")
def model() -> Any:
    return averaging()


def test_a_model_without_an_example_takes_texts_and_answers_vectors(model: Any, tmp_path: Path) -> None:
    mlpack.sentence_transformers.save_model(model, tmp_path / "model")
    loaded = mlpack.pyfunc.load_model(tmp_path / "model")
    assert loaded.metadata.get_input_schema() == Schema([ColSpec(DataType.string)])
    np.testing.assert_allclose(loaded.predict("a dog"), model.encode(["a dog"]), rtol=1e-6)


def test_params_are_arguments_of_encode(model: Any, tmp_path: Path) -> None:
    example = (["a dog", "the cat"], {"normalize_embeddings": True})
    mlpack.sentence_transformers.save_model(model, tmp_path / "model", input_example=example)
    loaded = mlpack.pyfunc.load_model(tmp_path / "model")
    np.testing.assert_allclose(np.linalg.norm(loaded.predict(["this is good"]), axis=1), 1, rtol=1e-6)


def test_embeddings_are_served_as_openai_has_them(model: Any, tmp_path: Path) -> None:
    mlpack.sentence_transformers.save_model(model, tmp_path / "model", task=TASK)
    with TestClient(ScoringApp(mlpack.pyfunc.load_model(tmp_path / "model"), Settings())) as client:
        answer = client.post("/invocations", json={"dataframe_records": [{"input": "a dog"}, {"input": "the cat ran"}]})
    predictions = answer.json()["predictions"]
    assert predictions["usage"] == {"prompt_tokens": 9, "total_tokens": 9}
    assert [each["index"] for each in predictions["data"]] == [0, 1]
    vectors = [each["embedding"] for each in predictions["data"]]
    np.testing.assert_allclose(vectors, model.encode(["a dog", "the cat ran"]), rtol=1e-6)


def test_another_task_is_refused(model: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="llm/v1/embeddings"):
        mlpack.sentence_transformers.save_model(model, tmp_path / "model", task="llm/v1/chat")


def test_a_module_that_is_not_of_the_framework_is_not_imported(model: Any, tmp_path: Path) -> None:
    mlpack.sentence_transformers.save_model(model, tmp_path / "model")
    modules = tmp_path / "model" / "model.sentence_transformer" / "modules.json"
    listed = json.loads(modules.read_text())
    listed[1]["type"] = "antigravity.Pooling"
    modules.write_text(json.dumps(listed))
    with pytest.raises(ValueError, match="not part of Sentence"):
        plugins.get("sentence_transformers").read(tmp_path / "model", {}, {})
