"""Sessions of onnxruntime: how they are opened, and what they are fed with."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mlpack.errors import InvalidArgument, SchemaMismatch

_CPU = "CPUExecutionProvider"
_MODES = {"sequential": "ORT_SEQUENTIAL", "parallel": "ORT_PARALLEL"}
_THREADS = ("intra_op_num_threads", "inter_op_num_threads")
OPTIONS = (*_THREADS, "execution_mode", "graph_optimization_level", "extra_session_config")


def check_options(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Options as the manifest has them; raises InvalidArgument for unknown ones."""
    for name in given or ():
        if name not in OPTIONS:
            raise InvalidArgument.unknown("key of onnx_session_options", name, OPTIONS)
    mode = (given or {}).get("execution_mode", "sequential")
    if mode.lower() not in _MODES:
        raise InvalidArgument.unknown("execution_mode", mode, list(_MODES))
    return None if given is None else dict(given)


def open_session(runtime: Any, file: Path, section: Mapping[str, Any]) -> Any:
    """A session on those of the manifest's providers that are here, on the processor where there is none."""
    given = section.get("providers") or [_CPU]
    asked = [each if isinstance(each, str) else tuple(each) for each in ([given] if isinstance(given, str) else given)]
    here = set(runtime.get_available_providers())
    usable = [each for each in asked if (each if isinstance(each, str) else each[0]) in here]
    if not usable:
        warnings.warn(f"onnxruntime has none of the providers {asked} here: the processor is used", stacklevel=2)
    options = _options(runtime, check_options(section.get("onnx_session_options")) or {})
    return runtime.InferenceSession(file, options, providers=usable or [_CPU])


def _options(runtime: Any, given: Mapping[str, Any]) -> Any:
    options = runtime.SessionOptions()
    for name in _THREADS:
        if given.get(name):
            setattr(options, name, given[name])
    if given.get("execution_mode"):
        options.execution_mode = getattr(runtime.ExecutionMode, _MODES[given["execution_mode"].lower()])
    if given.get("graph_optimization_level"):
        options.graph_optimization_level = runtime.GraphOptimizationLevel(given["graph_optimization_level"])
    for name, value in (given.get("extra_session_config") or {}).items():
        options.add_session_config_entry(name, value)
    return options


def predict(session: Any, data: Any) -> Any:
    """Predict on a frame, an array or a map of arrays.

    A frame is the one input of a graph, or its columns are the inputs of that name; the answer is a frame with a column
    for each output, flattened. Else it maps the name of each output to its array. float64 becomes float32 where the
    graph wants that, since JSON tells them not apart. Source: MLflow 3.17, ``mlflow.onnx``.

    Raises:
        SchemaMismatch: the data have not the inputs of the graph.
    """
    import pandas as pd

    inputs = session.get_inputs()
    if isinstance(data, pd.DataFrame):
        single = len(inputs) == 1
        fed = {each.name: data.to_numpy() if single else _column(data, each) for each in inputs}
    elif isinstance(data, Mapping):
        fed = {name: np.asarray(value) for name, value in data.items()}
    elif len(inputs) == 1:
        fed = {inputs[0].name: np.asarray(data)}
    else:
        names = ", ".join(each.name for each in inputs)
        raise SchemaMismatch(None, expected=f"a map of the inputs {names}", got="one array")
    wanted = {each.name for each in inputs if each.type == "tensor(float)"}
    fed = {
        name: value.astype(np.float32) if name in wanted and value.dtype == np.float64 else value
        for name, value in fed.items()
    }
    outputs = [each.name for each in session.get_outputs()]
    answers = dict(zip(outputs, session.run(outputs, fed), strict=True))
    if isinstance(data, pd.DataFrame):
        return pd.DataFrame({name: np.asarray(answer).reshape(-1) for name, answer in answers.items()})
    return answers


def _column(data: Any, wanted: Any) -> np.ndarray[Any, Any]:
    """A column as the input of its name; as a matrix of one column where the graph wants a matrix."""
    if wanted.name not in data:
        raise SchemaMismatch(wanted.name, expected="a column", got="none")
    column = data[wanted.name]
    values: np.ndarray[Any, Any] = column.to_numpy(object if wanted.type == "tensor(string)" else None)
    return values.reshape(-1, 1) if len(wanted.shape) == 2 else values
