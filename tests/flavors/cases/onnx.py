"""Graphs made of a linear classifier: on a frame, on an array, and with an input for each of several columns."""

from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
from onnx import ModelProto, TensorProto, helper, numpy_helper
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from tests.flavors.cases import Case


def frame() -> Case:
    """One input, which is the whole frame, and one output, the class."""
    data, _ = load_iris(return_X_y=True, as_frame=True)
    return Case(_classifier(), data.iloc[::17], lambda native, rows: _on_frame(native, {"X": rows.to_numpy("f4")}))


def array() -> Case:
    """The same on an array, which is answered by a map of arrays."""
    data, _ = load_iris(return_X_y=True)
    options: dict[str, Any] = {"onnx_execution_providers": ["CPUExecutionProvider"]}
    options["onnx_session_options"] = {"intra_op_num_threads": 1, "execution_mode": "sequential"}
    rows = data[::17].astype("f4")
    return Case(_classifier(), rows, lambda native, given: _run(native, {"X": given}), options=options)


def columns() -> Case:
    """An input for each column: two numbers that are added, and multiplied."""
    numbers = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows"]) for name in ("a", "b")]
    answers = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows"]) for name in ("sum", "product")]
    nodes = [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Mul", ["a", "b"], ["product"])]
    model = _model(helper.make_graph(nodes, "columns", numbers, answers))
    rows = pd.DataFrame({"b": [1.5, 2.5, -1.0], "a": [2.0, 0.25, 8.0]})
    return Case(
        model, rows, lambda native, given: _on_frame(native, {name: given[name].to_numpy("f4") for name in "ab"})
    )


def _classifier() -> ModelProto:
    linear = LogisticRegression(max_iter=500).fit(*load_iris(return_X_y=True))
    weights = [numpy_helper.from_array(linear.coef_.T.astype("f4"), "W")]
    weights.append(numpy_helper.from_array(linear.intercept_.astype("f4"), "B"))
    nodes = [helper.make_node("Gemm", ["X", "W", "B"], ["scores"])]
    nodes.append(helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0))
    given = [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["rows", 4])]
    answer = [helper.make_tensor_value_info("label", TensorProto.INT64, ["rows"])]
    return _model(helper.make_graph(nodes, "classifier", given, answer, initializer=weights))


def _model(graph: Any) -> ModelProto:
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _run(native: ModelProto, feed: dict[str, Any]) -> dict[str, Any]:
    session = onnxruntime.InferenceSession(native.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(names, feed), strict=True))


def _on_frame(native: ModelProto, feed: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({name: np.ravel(answer) for name, answer in _run(native, feed).items()})


CASES = {"frame": frame, "array": array, "columns": columns}
