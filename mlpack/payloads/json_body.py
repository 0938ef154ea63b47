"""JSON bodies: which of the forms a body has, and what the model gets from it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from mlpack.enforcement import enforce, enforce_params
from mlpack.errors import InvalidInput, MalformedPayload
from mlpack.manifest import Model
from mlpack.payloads.inputs import read_values
from mlpack.payloads.json_text import parse_json
from mlpack.payloads.limits import Limits
from mlpack.payloads.payload import Payload, is_llm_input
from mlpack.payloads.simd import read_numbers
from mlpack.payloads.tabular import read_records, read_split
from mlpack.schema import Schema

SPLIT, RECORDS, INSTANCES, INPUTS = FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_EXAMPLE = 'send an object like {"dataframe_split": {"columns": [...], "data": [[...]]}}'
_SHOWN = 200
_KEYS_SHOWN = 10


def decode_json(body: bytes, model: Model, limits: Limits) -> Payload:
    """The payload of a JSON body in any of the forms; raises InvalidInput for what is none or does not fit."""
    if not model.is_signature_from_type_hint:
        numbers = read_numbers(body, model.get_input_schema(), limits)
        if numbers is not None:
            with suppress(InvalidInput):  # it comes again below, where it is known how each number was written
                return _decoded(numbers, model, limits)
    return _decoded(parse_json(body, limits), model, limits)


def _decoded(document: Any, model: Model, limits: Limits) -> Payload:
    if not isinstance(document, dict):
        raise MalformedPayload("the body must be a JSON object", tip=_EXAMPLE)
    if is_llm_input(document):
        return _unified(document, model)
    params = checked_params(_params(document), model)
    if model.is_signature_from_type_hint:
        if INPUTS not in document:
            raise MalformedPayload(f"a model with type hints takes its data under {INPUTS!r}", tip=_found(document))
        return Payload(document[INPUTS], params)
    present = [form for form in FORMS if form in document]
    if len(present) != 1:
        wanted = f"exactly one of {', '.join(FORMS)}"
        raise MalformedPayload(f"the body must have {wanted}; {_found(document)}", tip=_EXAMPLE)
    return Payload(_data(present[0], document[present[0]], model.get_input_schema(), limits), params)


def _params(document: dict[str, Any]) -> Any:
    """The parameters of a request; clients of Vertex AI and of KServe's V1 protocol call them ``parameters``."""
    return document.get("params", document.get("parameters") if INSTANCES in document else None)


def checked_params(given: Any, model: Model) -> dict[str, Any] | None:
    """The parameters that came, by the signature; without one for them, they are ignored whatever they are."""
    schema = model.get_params_schema()
    if schema is None:
        return None if given is None else {}
    return enforce_params(given, schema)


def _data(form: str, value: Any, schema: Schema | None, limits: Limits) -> Any:
    if form == SPLIT:
        return read_split(value, limits, schema).typed(schema)
    if form == RECORDS:
        return read_records(value, limits, schema).typed(schema)
    return read_values(form, value, schema, limits)


def _unified(document: dict[str, Any], model: Model) -> Payload:
    """The form of language models: the body is the data, but for the keys that are parameters of the signature."""
    schema = model.get_params_schema()
    names = {each.name for each in schema.params} if schema else set()
    data = {key: value for key, value in document.items() if key not in names}
    params = checked_params({key: document[key] for key in document.keys() & names}, model)
    if not model.is_signature_from_type_hint:
        data = enforce(data, model.get_input_schema())
    return Payload(data, params, wrapped=False)


def _found(document: dict[str, Any]) -> str:
    keys = [repr(key[:_SHOWN]) for key in document][:_KEYS_SHOWN]
    return f"found {', '.join(keys)}" if keys else "found nothing"
