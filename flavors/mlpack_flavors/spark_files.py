"""What the files of a Spark ML model name: Spark's loader makes an object of each class that they name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidPackage, UnsafePackage

_JAVA, _PYTHON = "org.apache.spark.ml.", "pyspark.ml."
_MODULES = (
    *("base", "classification", "clustering", "evaluation", "feature", "fpm", "pipeline"),
    *("recommendation", "regression", "tuning"),
)
#: Stages that Spark makes for an RFormula, and which have no name in Python.
_INTERNAL = {f"{_JAVA}feature.ColumnPruner", f"{_JAVA}feature.VectorAttributeRewriter"}


def check_classes(model: Path, module: Callable[[str], Any]) -> None:
    """Refuse a saved model that names a class which PySpark does not have; ``module`` imports those of PySpark.

    Raises:
        UnsafePackage: it names such a class, or a stage outside its folder.
        InvalidPackage: it has no metadata, or they cannot be read.
    """
    files = [file for file in model.rglob("metadata/*") if not file.name.startswith((".", "_"))]
    if not files:
        raise InvalidPackage(f"{model.name} holds no model of Spark")
    for file in files:
        for key, value in _entries(file):
            if key == "class" and not _is_known(value, module):
                tip = "load it with PipelineModel.load in a session that has it, or save it as a PythonModel"
                raise UnsafePackage(f"{file.name}: PySpark has no class {value!r}", tip=tip)
            if key == "stageUids" and any("/" in str(uid) for uid in value):
                raise UnsafePackage(f"{file.name} names a stage outside the model")


def _entries(file: Path) -> list[tuple[str, Any]]:
    """All keys of all objects, at any depth, with their values: also those that come twice, of which readers differ."""
    found: list[tuple[str, Any]] = []

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found.extend(pairs)
        return dict(pairs)

    for line in file.read_bytes().splitlines():
        json.loads(line, object_pairs_hook=keep)
    return found


def _is_known(name: Any, module: Callable[[str], Any]) -> bool:
    if name in _INTERNAL:
        return True
    path, _, kind = str(name).replace(_JAVA, _PYTHON, 1).rpartition(".")
    if path != "pyspark.ml" and path not in {_PYTHON + each for each in _MODULES}:
        return False
    found = getattr(module(path), kind, None)
    return isinstance(found, type) and issubclass(found, module("pyspark.ml.util").MLReadable)
