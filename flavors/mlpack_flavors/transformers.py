"""Pipelines of transformers: weights as safetensors, tokenizers and other parts beside them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.files import MLMODEL
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.manifest import Model
from mlpack_flavors import transformers_card, transformers_components
from mlpack_flavors.torch_device import device_of, dtype_of
from mlpack_flavors.transformers_answers import answerer_of
from mlpack_flavors.transformers_signatures import SIGNATURES


@dataclass(frozen=True)
class Saved:
    """A pipeline, what its section of the manifest says, and the template that its prompts are put into."""

    pipeline: Any
    section: Mapping[str, Any]
    template: str


class TransformersFlavor(Flavor[Any]):
    """Pipelines, or the parts of one; those that read text can be asked.

    Not row-wise: texts that are padded to one length have other last bits.
    """

    name = "transformers"
    distribution = "transformers"
    extra = "transformers"
    modules = ("transformers", "torch")
    version_key = "transformers_version"
    loader_module = "mlflow.transformers"
    model_argument = "transformers_model"

    def write(
        self, model: Any, folder: Path, *, task: str | None = None, torch_dtype: Any = None, model_card: Any = None
    ) -> Written:
        """Write ``model/`` and ``components/``, and the model's card and license where they are on this machine.

        ``model`` is a pipeline, or a map of its parts (``model``, ``tokenizer``, ...), for which ``task`` says what
        they do. ``torch_dtype`` is the type that the weights are read as, unless given that which they have.
        ``model_card`` is a ``huggingface_hub.ModelCard``. A pipeline whose task is not text's is written without
        ``python_function``: it can be loaded, but not asked.

        Raises InvalidArgument for what is no pipeline, or has parts that transformers itself does not have.
        """
        pipeline = transformers_components.pipeline_of(self.framework(), model, task)
        dtype = dtype_of(self.framework("torch"), torch_dtype, InvalidArgument) or pipeline.model.dtype
        section = transformers_components.write(self.framework(), pipeline, folder) | {"torch_dtype": str(dtype)}
        transformers_card.write(pipeline.model.name_or_path, model_card, folder)
        if answerer_of(pipeline) is None:
            message = f"a package of a pipeline for {pipeline.task} can be loaded, but not asked for predictions"
            warnings.warn(message, stacklevel=4)
            return Written(section, None)
        return Written(section, {}, default_signature=SIGNATURES.get(pipeline.task))

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Saved:
        """Read the pipeline onto the device that :func:`mlpack_flavors.torch_device.device_of` says."""
        torch = self.framework("torch")
        dtype = dtype_of(torch, section.get("torch_dtype"), InvalidPackage)
        placed = {"dtype": dtype, "device": device_of(torch, {})}
        pipeline = transformers_components.read(self.framework(), folder, section, **placed)
        metadata = Model.load(folder).metadata if (folder / MLMODEL).exists() else None
        return Saved(pipeline, section, (metadata or {}).get("prompt_template") or "{prompt}")

    def unwrap(self, model: Saved) -> Any:
        """The pipeline."""
        return model.pipeline

    def predictor(self, model: Saved, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Call the pipeline; the configuration and the params are further arguments of the call."""
        answer = answerer_of(model.pipeline)
        if answer is None or "inference_task" in model.section:
            task = model.section.get("inference_task") or model.pipeline.task
            raise InvalidPackage(f"pipelines for {task} are not asked here", tip="use mlpack.transformers.load_model")
        return lambda data, params: answer(model.pipeline, data, {**config, **(params or {})}, model.template)


flavor = TransformersFlavor()
