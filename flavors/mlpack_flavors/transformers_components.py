"""The parts of a pipeline of transformers, as the files and the keys of the manifest that they become.

Weights are safetensors. A part is of a class that transformers itself has: no code of a package is run, and nothing is
downloaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.trust import inside

#: What a pipeline may have beside its model, and the base class in transformers of each.
_BASES = {
    "feature_extractor": "FeatureExtractionMixin",
    "tokenizer": "PreTrainedTokenizerBase",
    "image_processor": "ImageProcessingMixin",
    "processor": "ProcessorMixin",
}


def pipeline_of(transformers: Any, given: Any, task: str | None) -> Any:
    """A pipeline as it is, or the one that a map of parts (``model``, ``tokenizer``, ...) makes for a task.

    Raises:
        InvalidArgument: it is neither, or for another task, or its parts make no pipeline.
    """
    if isinstance(given, transformers.Pipeline):
        if task not in (None, given.task):
            raise InvalidArgument(f"the pipeline is for {given.task}, not for {task}")
        return given
    if not isinstance(given, Mapping) or not isinstance(given.get("model"), transformers.PreTrainedModel):
        tip = "give a pipeline, or a map with a model of transformers and its tokenizer"
        raise InvalidArgument(f"a {type(given).__name__} is no pipeline of transformers", tip=tip)
    try:
        return transformers.pipeline(task, device=given["model"].device, **given)
    except Exception as error:
        raise InvalidArgument(f"these parts make no pipeline for the task {task}: {error}") from error


def write(transformers: Any, pipeline: Any, folder: Path) -> dict[str, Any]:
    """Write ``model/`` and ``components/``; what the flavor's section says of them.

    Raises:
        InvalidArgument: a part is of a class that transformers does not have.
    """
    model = pipeline.model
    parts = {name: part for name in _BASES if (part := getattr(pipeline, name, None)) is not None}
    for part in (model, *parts.values()):
        kind = type(part)
        if getattr(transformers, kind.__name__, None) is not kind:
            tip = "a class of your own goes into a PythonModel (mlpack.pyfunc.save_model)"
            raise InvalidArgument(f"transformers has no {kind.__name__} of its own", tip=tip)
    model.save_pretrained(folder / "model")
    for name, part in parts.items():
        part.save_pretrained(folder / "components" / name)
    return {
        "task": pipeline.task,
        "instance_type": type(pipeline).__name__,
        "pipeline_model_type": type(model).__name__,
        "source_model_name": model.name_or_path,
        "model_binary": "model",
        "components": [name for name in parts if name != "processor"],  # which MLflow does not list
        **{f"{name}_type": type(part).__name__ for name, part in parts.items()},
    }


def read(transformers: Any, folder: Path, section: Mapping[str, Any], **placed: Any) -> Any:
    """The pipeline of a package; ``placed`` are its ``dtype`` and its ``device``.

    Raises:
        InvalidPackage: the package only refers to a model elsewhere, or needs a class that transformers does not have.
    """
    if "model_binary" not in section or "peft_adaptor" in section:
        message = f"its weights are not in it, but in {section.get('source_model_name')!r}"
        raise InvalidPackage(message, tip="save it with all its weights")
    kind = _class(transformers, section["pipeline_model_type"], "PreTrainedModel")
    path = inside(folder, section["model_binary"], key="transformers.model_binary")
    model = kind.from_pretrained(path, dtype=placed["dtype"], local_files_only=True)
    names = [*section["components"], *(["processor"] if "processor_type" in section else [])]
    parts = {name: _part(transformers, folder, section, name) for name in names}
    return transformers.pipeline(section["task"], model=model, **parts, **placed)


def _part(transformers: Any, folder: Path, section: Mapping[str, Any], name: str) -> Any:
    if name not in _BASES:
        raise InvalidPackage(f"MLmodel: transformers.components has {name!r}, not one of {', '.join(_BASES)}")
    kind = _class(transformers, section[f"{name}_type"], _BASES[name])
    path = inside(folder, f"components/{name}", key="transformers.components")
    return kind.from_pretrained(path, local_files_only=True)


def _class(transformers: Any, name: object, base: str) -> Any:
    kind = getattr(transformers, str(name), None)
    if not isinstance(kind, type) or not issubclass(kind, getattr(transformers, base)):
        raise InvalidPackage(f"it needs {name!r}, which transformers {transformers.__version__} does not have")
    return kind
