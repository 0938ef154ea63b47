"""Trying a package out on a request body, as its server would take it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import orjson

from mlpack import payloads
from mlpack.errors import EnvironmentFailure, InvalidArgument
from mlpack.examples import Example
from mlpack.files import write_atomically
from mlpack.pyfunc import load_model
from mlpack.restoring import restore
from mlpack.stores import resolve

JSON = "application/json"
_MEDIA_TYPES = {"json": JSON, "csv": "text/csv"}


def convert_input_example_to_serving_input(input_example: Any) -> str | None:
    """The request body that posts an input example to ``/invocations``; None for None.

    Raises:
        InvalidArgument: the example is of a kind that cannot be posted.
    """
    return None if input_example is None else Example.of(input_example).serving_json()


def validate_serving_input(model_uri: str | PathLike[str], serving_input: str | Mapping[str, Any]) -> Any:
    """Predict on a request body as the server would; returns what the model answered.

    ``serving_input`` is JSON text, or what it parses to.

    Raises:
        InvalidInput: the server would refuse it.
    """
    model = load_model(model_uri)
    body = serving_input.encode() if isinstance(serving_input, str) else orjson.dumps(serving_input)
    payload = payloads.decode(body, JSON, model.metadata)
    return model.predict_checked(payload.data, payload.params)


def predict(
    model_uri: str | PathLike[str],
    input_data: Any = None,
    input_path: str | PathLike[str] | None = None,
    content_type: str = "json",
    output_path: str | PathLike[str] | None = None,
    env_manager: str = "local",
) -> None:
    """Predict on data, or on a file of it, and write the answer as JSON to ``output_path`` or standard output.

    ``content_type`` (json or csv) says what the file holds, or ``input_data`` where it is a text; other data are taken
    as an input example is. ``env_manager`` other than local restores the package's environment and predicts there.

    Raises:
        InvalidArgument: both or neither of the two inputs are given.
        InvalidInput: the server would refuse the input.
    """
    if (input_data is None) == (input_path is None):
        raise InvalidArgument("give either input_data or input_path")
    if content_type not in _MEDIA_TYPES:
        raise InvalidArgument.unknown("content_type", content_type, list(_MEDIA_TYPES))
    body = Path(input_path).read_bytes() if input_path is not None else _body(input_data, content_type)
    if env_manager == "local":
        model = load_model(model_uri)
        payload = payloads.decode(body, _MEDIA_TYPES[content_type], model.metadata)
        answer = payloads.encode_json(model.predict_checked(payload.data, payload.params), wrapped=payload.wrapped)
    else:
        answer = _predict_elsewhere(resolve(model_uri), body, content_type, env_manager)
    if output_path is None:
        sys.stdout.write(answer.decode() + "\n")
    else:
        write_atomically(Path(output_path), answer)


def _body(data: Any, content_type: str) -> bytes:
    if isinstance(data, str):
        return data.encode()
    if content_type == "csv":
        return str(data.to_csv(index=False)).encode()
    keyed = isinstance(data, Mapping) and {"inputs", "instances", "dataframe_split", "dataframe_records"} & data.keys()
    return orjson.dumps(data) if keyed else Example.of(data).serving_json().encode()


def _predict_elsewhere(folder: Path, body: bytes, content_type: str, env_manager: str) -> bytes:
    python = restore(folder, env_manager)
    # Isolated: neither PYTHONPATH nor the current folder brings modules into the package's environment.
    command = [fspath(python), "-I", "-m", "mlpack", "models", "predict", "-m", fspath(folder), "-t", content_type]
    done = subprocess.run(command, input=body, capture_output=True, check=False)
    if done.returncode != 0:
        raise EnvironmentFailure(done.stderr.decode(errors="replace").strip() or "the prediction failed")
    return done.stdout.rstrip()
