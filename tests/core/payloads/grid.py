"""What a model gets here from a case of data/grid.json."""

from __future__ import annotations

from typing import Any

from mlpack.errors import InvalidInput
from mlpack.manifest import Model
from mlpack.payloads import decode
from mlpack.schema import ParamSchema, Schema
from mlpack.signature import ModelSignature
from mlpack.table import Table
from tests.core.payloads.describe import describe


def outcome(case: dict[str, Any]) -> dict[str, Any] | None:
    """Data and params that the model gets, or None where the body is refused."""
    inputs = Schema.from_json(case["schema"]) if "schema" in case else None
    params = ParamSchema.from_json(case["params"]) if "params" in case else None
    signature = ModelSignature(inputs=inputs, params=params) if inputs or params else None
    model = Model(signature=signature, is_signature_from_type_hint=case.get("hints", False))
    try:
        payload = decode(case["body"].encode(), case["type"], model)
    except InvalidInput:
        return None
    data = payload.data.frame() if isinstance(payload.data, Table) else payload.data
    return {"data": describe(data), "params": describe(payload.params), "wrapped": payload.wrapped}
