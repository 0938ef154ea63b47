"""The signatures of pipelines of transformers that are saved with none: those of MLflow, by task."""

from __future__ import annotations

import numpy as np

from mlpack.datatypes import DataType
from mlpack.schema import ColSpec, Schema, TensorSpec
from mlpack.signature import ModelSignature

_TEXT, _SCORE = DataType.string, DataType.double


def _columns(**types: DataType) -> Schema:
    return Schema([ColSpec(type_, name) for name, type_ in types.items()])


_A_TEXT = Schema([ColSpec(_TEXT)])
_TEXT_TO_TEXT = ModelSignature(_A_TEXT, _A_TEXT)
SIGNATURES = {
    "feature-extraction": ModelSignature(_A_TEXT, Schema([TensorSpec(np.dtype("float64"), (-1,), "double")])),
    "fill-mask": _TEXT_TO_TEXT,
    "table-question-answering": ModelSignature(_columns(query=_TEXT, table=_TEXT), _A_TEXT),
    "text-classification": ModelSignature(_A_TEXT, _columns(label=_TEXT, score=_SCORE)),
    "text-generation": _TEXT_TO_TEXT,
    "token-classification": _TEXT_TO_TEXT,
    "zero-shot-classification": ModelSignature(
        _columns(sequences=_TEXT, candidate_labels=_TEXT, hypothesis_template=_TEXT),
        _columns(sequence=_TEXT, labels=_TEXT, scores=_SCORE),
    ),
}
