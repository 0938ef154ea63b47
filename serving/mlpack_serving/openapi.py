"""The server's description of itself in OpenAPI 3.1: from its routes, the model's signature and the table of errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.routing import Route

from mlpack import __version__
from mlpack.manifest import Model
from mlpack.payloads.media import ARROW_STREAM, CSV, JSON, PARQUET
from mlpack_serving.access import Access
from mlpack_serving.errors import STATUSES
from mlpack_serving.json_schemas import of_answer, of_csv, of_request
from mlpack_serving.scoring import EVENT_STREAM

_TEXT = {"schema": {"type": "string"}}
_ERROR = {"$ref": "#/components/schemas/Error"}
_FAILURE = {"$ref": "#/components/responses/Error"}


def describe(
    routes: Iterable[Route], access: Access, model: Model, example: Any | None, *, gaps: bool
) -> dict[str, Any]:
    """The document. ``access`` says what needs a key; ``example`` is a body that the model predicts on, if one is
    known; ``gaps`` is whether it does where a number is missing."""
    paths: dict[str, Any] = {}
    for route in routes:
        methods = sorted(route.methods or ())
        operation = _prediction(model, example) if "POST" in methods else _question(route)
        paths[route.path] = {
            method.lower(): _keyed(operation) if access.asks(method, route.path) else operation for method in methods
        }
    schemes = {"securitySchemes": _KEYS} if access.needed else {}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Predictions of one model", "version": __version__},
        "paths": paths,
        "components": {
            **schemes,
            "schemas": {"Request": of_request(model, gaps=gaps), "Answer": of_answer(), "Error": _error()},
            "responses": {
                "Error": {"description": "What is wrong", "headers": _ID, "content": {JSON: {"schema": _ERROR}}}
            },
        },
    }


_KEYS = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "an API key, or a token"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_ID = {"x-request-id": {"description": "what the log has it under", "schema": {"type": "string"}, "required": True}}


def _question(route: Route) -> dict[str, Any]:
    """A route that is asked without a body; its docstring says what it answers."""
    text = (route.endpoint.__doc__ or "").strip().partition("\n")[0]
    return {"summary": text, "responses": {"200": {"description": text}, "503": _FAILURE}}


def _keyed(operation: dict[str, Any]) -> dict[str, Any]:
    """The same for who has a key."""
    refusals = {str(status): _FAILURE for status in (401, 403, 429)}
    security: list[dict[str, list[str]]] = [{name: []} for name in _KEYS]
    return {**operation, "security": security, "responses": operation["responses"] | refusals}


def _prediction(model: Model, example: Any | None) -> dict[str, Any]:
    body: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Request"}}
    text = of_csv(model)
    bodies = {JSON: body, **({CSV: {"schema": text}} if text else {}), PARQUET: {}, ARROW_STREAM: {}}
    if example is not None:
        body["example"] = example
    answer = {"schema": {"$ref": "#/components/schemas/Answer"}}
    good = {"description": "Predictions", "content": {JSON: answer, ARROW_STREAM: {}, EVENT_STREAM: _TEXT}}
    return {
        "summary": "Predict",
        "requestBody": {"required": True, "content": bodies},
        "responses": {"200": good, **{str(status): _FAILURE for status in STATUSES}},
    }


def _error() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {"error_code": text, "message": text},
        "required": ["error_code", "message"],
    }
