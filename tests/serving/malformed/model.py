"""The model that the cases are sent to: it takes rows of every type, and answers whatever they are."""

from __future__ import annotations

from pathlib import Path

from sklearn.dummy import DummyRegressor

import mlpack.sklearn
from mlpack.models import ModelSignature
from mlpack.schema import ColSpec, ParamSchema, ParamSpec, Schema

_TYPES = {
    "small": "integer",
    "count": "long",
    "ratio": "float",
    "amount": "double",
    "name": "string",
    "ok": "boolean",
    "when": "datetime",
    "raw": "binary",
}


def save(path: Path) -> None:
    """Write its package, which MLflow can serve too."""
    columns = [ColSpec(kind, name) for name, kind in _TYPES.items()]
    inputs = Schema([*columns, ColSpec("string", "note", required=False)])
    params = ParamSchema(
        [ParamSpec("least", "double", 0.5), ParamSpec("most", "integer", 9), ParamSpec("tags", "string", ["a"], (-1,))]
    )
    model = DummyRegressor().fit([[0.0]], [1.0])
    mlpack.sklearn.save_model(model, path, signature=ModelSignature(inputs=inputs, params=params))
