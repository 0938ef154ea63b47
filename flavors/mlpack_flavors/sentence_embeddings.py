"""The task ``llm/v1/embeddings``: texts in a column ``input`` are answered as OpenAI does. Source: MLflow 3.17."""

from __future__ import annotations

from typing import Any

from mlpack.datatypes import Array, DataType, Object, Property
from mlpack.schema import ColSpec, Schema
from mlpack.signature import ModelSignature

TASK = "llm/v1/embeddings"
INPUT = "input"

_ROW = Object(
    [
        Property("index", DataType.long),
        Property("object", DataType.string),
        Property("embedding", Array(DataType.double)),
    ]
)
_USAGE = Object([Property("prompt_tokens", DataType.long), Property("total_tokens", DataType.long)])
SIGNATURE = ModelSignature(
    Schema([ColSpec(DataType.string, INPUT)]),
    Schema([ColSpec(DataType.string, "object"), ColSpec(Array(_ROW), "data"), ColSpec(_USAGE, "usage")]),
)


def embeddings(tokenizer: Any, texts: list[str], vectors: Any) -> dict[str, Any]:
    """The answer of that task: each text's vector, and how many tokens they had."""
    data = [{"object": "embedding", "index": at, "embedding": vector} for at, vector in enumerate(vectors)]
    tokens = sum(len(tokenizer(text)["input_ids"]) for text in texts)
    return {"object": "list", "data": data, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}
