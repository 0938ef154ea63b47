"""Sentence Transformers, in the folder that they are saved to: weights as safetensors, the rest as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mlpack.datatypes import DataType
from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.schema import ColSpec, Schema, TensorSpec
from mlpack.signature import ModelSignature
from mlpack_flavors import sentence_embeddings
from mlpack_flavors.torch_device import device_of

_FOLDER = "model.sentence_transformer"
_TEXT_TO_VECTOR = ModelSignature(Schema([ColSpec(DataType.string)]), Schema([TensorSpec(np.dtype("float64"), (-1,))]))


class SentenceTransformersFlavor(Flavor[Any]):
    """Models that turn texts into vectors.

    Not row-wise: texts that are padded to one length have other last bits.
    """

    name = "sentence_transformers"
    distribution = "sentence-transformers"
    extra = "sentence-transformers"
    modules = ("sentence_transformers", "transformers", "torch")
    version_key = "sentence_transformers_version"
    loader_module = "mlflow.sentence_transformers"
    model_argument = "model"

    def write(self, model: Any, folder: Path, *, task: str | None = None) -> Written:
        """Write ``model.sentence_transformer/``.

        With the task ``llm/v1/embeddings`` texts in a column ``input`` are answered as OpenAI does. Raises
        InvalidArgument for another task, and for what is no SentenceTransformer.
        """
        if not isinstance(model, self.framework().SentenceTransformer):
            raise InvalidArgument(f"a {type(model).__name__} is not a SentenceTransformer")
        if task not in (None, sentence_embeddings.TASK):
            raise InvalidArgument.unknown("task", str(task), [sentence_embeddings.TASK])
        model.save(str(folder / _FOLDER))
        section: dict[str, Any] = {}
        if (inner := model.transformers_model) is not None:
            section = {"source_model_name": inner.name_or_path, "pipeline_model_type": type(inner).__name__}
        if task is None:
            return Written(section, {"data": _FOLDER}, default_signature=_TEXT_TO_VECTOR)
        pyfunc = {"data": _FOLDER, "config": {"task": task}}
        return Written(section, pyfunc, default_signature=sentence_embeddings.SIGNATURE)

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the model onto the device that :func:`mlpack_flavors.torch_device.device_of` says.

        No code that comes with it is run.
        """
        path, device = self.data(folder, section, _FOLDER), device_of(self.framework("torch"), {})
        options = {"device": device, "trust_remote_code": False, "local_files_only": True}
        return self.framework().SentenceTransformer(str(path), **options)

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Call ``encode`` with the texts, those of the first column of a frame; params are further arguments of it."""

        def call(data: Any, params: dict[str, Any] | None) -> Any:
            if not hasattr(data, "columns"):
                return model.encode(data, **(params or {}))
            column = data.iloc[:, 0].tolist()
            texts = column[0] if column and isinstance(column[0], list) else column
            vectors = model.encode(texts, **(params or {}))
            if config.get("task") and data.columns[0] == sentence_embeddings.INPUT:
                return sentence_embeddings.embeddings(model.tokenizer, texts, vectors)
            return vectors

        return call


flavor = SentenceTransformersFlavor()
