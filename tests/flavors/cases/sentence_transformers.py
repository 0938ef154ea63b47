"""A model that averages the vectors of a tiny BERT's words."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

from tests.flavors.cases import Case
from tests.flavors.cases.transformers import bert, tokenizer

#: MLflow would load each model once more to see what it imports.
_THEIRS = {"pip_requirements": ["sentence-transformers"]}
_TEXTS = ["the cat sat on a mat .", "a dog ran to the house .", "this is good"]


def texts() -> Case:
    """A vector for each text of a list."""
    return Case(averaging(), _TEXTS, lambda native, given: native.encode(given), theirs=_THEIRS)


def column() -> Case:
    """The same of a column of a frame."""
    data = pd.DataFrame({"text": _TEXTS})
    return Case(averaging(), data, lambda native, given: native.encode(given["text"].tolist()), theirs=_THEIRS)


def averaging() -> Any:
    with TemporaryDirectory() as folder:
        bert("BertModel").save_pretrained(folder)
        tokenizer().save_pretrained(folder)
        words = Transformer(folder)
    model = SentenceTransformer(modules=[words, Pooling(words.get_embedding_dimension())], device="cpu")
    model.transformers_model.name_or_path = "tiny"  # what the manifest calls its source: not another folder each time
    return model


CASES = {"texts": texts, "column": column}
