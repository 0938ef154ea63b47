"""Which flavors are tested together: those of a group share an environment; ``pyproject.toml`` pins its frameworks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Group -> flavors. The pins of ``light`` are in the dependency group ``flavors-light``, and so on.
GROUPS = {
    "light": ("xgboost", "lightgbm", "catboost", "onnx", "statsmodels"),
    "pytorch": ("pytorch",),
    "transformers": ("transformers", "sentence_transformers"),
    "prophet": ("prophet",),
    "pmdarima": ("pmdarima",),
    "tensorflow": ("keras", "tensorflow"),
    "h2o": ("h2o",),
    "spark": ("spark",),
    "spacy": ("spacy",),
    "fastai": ("fastai",),
}
ROOT = Path(__file__).parents[2]


def frameworks(group: str) -> list[str]:
    """The pins of a group's frameworks: ``["torch==2.13.0"]``."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines: list[str] = project["dependency-groups"][f"flavors-{group}"]
    return lines
