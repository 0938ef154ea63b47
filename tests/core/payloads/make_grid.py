"""Makes data/grid.json: request bodies against signatures, with what real MLflow gives to the model for each of them.

Run twice from the root of the checkout, each time by the path of a Python that has what the step is called after:

    python tests/core/payloads/make_grid.py mlflow
    python tests/core/payloads/make_grid.py mlpack

The first pass crosses what is in data/bodies.json and writes every case with ``mlflow``: what an echo model saw after
MLflow's own parsing and enforcement (see describe.py), or null where MLflow refused. The second adds ``ours`` to the
cases that differ here. Read its diff: every one must follow from what mlpack does differently on purpose.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))  # the root of the checkout, for a Python without mlpack

from tests.core.payloads.describe import describe

DATA = Path(__file__).parent / "data"
#: MLflow refuses most of what can be crossed: one in so many of these cases is kept.
REFUSED_KEPT = 7
SCALARS = ("boolean", "integer", "long", "float", "double", "string", "binary", "datetime")


def cases() -> Iterator[dict[str, Any]]:
    """Every case: schema and params as in an MLmodel file, content type and body, whether the model has type hints."""
    table = json.loads((DATA / "bodies.json").read_text("utf-8"))
    schemas = [None, *table["tables"], *table["tensors"]]
    forms = {"inputs": "values", "instances": "values", "dataframe_split": "splits", "dataframe_records": "records"}
    for form, bodies in forms.items():
        yield from (_case(schema, {form: body}) for schema, body in product(schemas, table[bodies]))
    for kind, required, atom in product(SCALARS, (True, False), table["atoms"]):
        schema = [{"type": kind, "name": "a", "required": required}]
        yield _case(schema, {"dataframe_split": {"columns": ["a"], "data": [[atom]]}})
        yield _case(schema, {"inputs": {"a": [atom, atom]}})
    for params, given in product((None, table["params"]), table["given"]):
        yield _case(None, {"inputs": [1], "params": given}, params)
    text = {"type": "string", "required": True}
    for params, body in product((None, table["params"]), table["envelopes"]):
        yield from (_case(schema, body, params) for schema in (None, [{**text, "name": "prompt"}]))
        yield _case([text], body, params) | {"hints": True}
    moments = [[{"type": kind, "name": "a", "required": False}] for kind in ("datetime", "boolean")]
    for schema, body in product([None, *table["tables"][:6], *moments], table["csv"]):
        yield _case(schema, body) | {"type": "text/csv", "body": body}


def _case(schema: Any, body: Any, params: Any = None) -> dict[str, Any]:
    signature = {key: json.dumps(value) for key, value in (("schema", schema), ("params", params)) if value}
    return {"type": "application/json", "body": json.dumps(body), **signature}


class Echo:
    """A model that remembers what it was given."""

    seen: dict[str, Any]

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> list[int]:
        self.seen = {"data": describe(data), "params": describe(params)}
        return [0]


def by_mlflow(case: dict[str, Any]) -> dict[str, Any] | None:
    """What the model sees in MLflow, or None where MLflow refuses."""
    from mlflow.models import Model, ModelSignature
    from mlflow.pyfunc import PyFuncModel
    from mlflow.pyfunc.scoring_server import invocations
    from mlflow.types import ParamSchema, Schema

    inputs = Schema.from_json(case["schema"]) if "schema" in case else None
    params = ParamSchema.from_json(case["params"]) if "params" in case else None
    signature = ModelSignature(inputs=inputs, params=params) if inputs or params else None
    model, echo = Model(signature=signature, flavors={"python_function": {"loader_module": "echo"}}), Echo()
    model._is_signature_from_type_hint = lambda: bool(case.get("hints"))
    try:
        answer = invocations(case["body"].encode(), case["type"], PyFuncModel(model, echo), inputs)
    except Exception:  # noqa: BLE001  whatever MLflow raises, the request is refused
        return None
    return echo.seen | {"wrapped": answer.response.startswith('{"predictions"')}


def by_mlpack(case: dict[str, Any]) -> dict[str, Any]:
    """The case with ``ours`` where what a model sees here differs."""
    from tests.core.payloads.grid import outcome

    ours = outcome(case)
    same = {key: value for key, value in case.items() if key != "ours"}
    return same if ours == case["mlflow"] else same | {"ours": ours}


def main(step: str) -> None:
    """Write data/grid.json, a case on each line."""
    path = DATA / "grid.json"
    if step == "mlflow":
        import mlflow

        about = f"made by ../make_grid.py with MLflow {mlflow.__version__}: see there"
        done = [case | {"mlflow": by_mlflow(case)} for case in cases()]
        done = [case for number, case in enumerate(done) if case["mlflow"] or number % REFUSED_KEPT == 0]
    else:
        grid = json.loads(path.read_text("utf-8"))
        about, done = grid["about"], [by_mlpack(case) for case in grid["cases"]]
    lines = ",\n".join(map(json.dumps, done))
    path.write_text(f'{{"about": {json.dumps(about)}, "cases": [\n{lines}\n]}}\n', "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
