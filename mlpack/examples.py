"""The input example of a package: written as data and as a complete request body, and read back.

Two files: ``input_example.json`` (the data) and ``serving_input_example.json`` (what to post to ``/invocations``).
Source of both shapes: MLflow 3.17, described by the manifest's ``saved_input_example_info``.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpack.containers import as_array
from mlpack.errors import InvalidArgument, InvalidPackage, UnwritableAnswer
from mlpack.payloads.encoding import column_values, encode_json
from mlpack.payloads.payload import is_llm_input

if TYPE_CHECKING:
    import pandas as pd

FILE = "input_example.json"
SERVING_FILE = "serving_input_example.json"
#: Ours: what the model answered to that body when it was saved.
OUTPUT_FILE = "serving_output_example.json"


@dataclass(frozen=True)
class Example:
    """An input example: ``data`` and ``params`` as ``predict`` takes them, and the same as plain JSON values.

    ``kind`` and ``orient`` are the manifest's ``type`` and ``pandas_orient``; ``serving`` is a whole request body.
    """

    data: Any
    params: dict[str, Any] | None
    kind: str
    orient: str | None
    content: Any
    serving: Any

    @classmethod
    def of(cls, example: Any) -> Example:
        """An example from what a user gave: data, or a tuple of data and a dict of params.

        Frames, arrays, tensors of a framework, dicts of arrays, dicts, lists, scalars, texts, times and CSR or CSC
        matrices are taken. Raises InvalidArgument for anything else.
        """
        data, params = split_params(example)
        data, params = copy.deepcopy((as_array(data), params))
        kind, orient, content, serving = _encode(data)
        if params is not None:
            flat = isinstance(data, Mapping) and is_llm_input(data)
            serving = {**serving, **params} if flat else {**serving, "params": params}
            content = {"inputs": content, "params": params}
        return cls(data, params, kind, orient, content, serving)

    def serving_json(self) -> str:
        """The request body as text."""
        return json.dumps(json.loads(_json(self.serving)), indent=2, ensure_ascii=False)

    def write(self, folder: Path) -> dict[str, Any]:
        """Write both files into a package; returns what the manifest says of them."""
        (folder / FILE).write_bytes(_json(self.content))
        (folder / SERVING_FILE).write_text(self.serving_json(), "utf-8")
        info = {"artifact_path": FILE, "serving_input_path": SERVING_FILE, "type": self.kind}
        info |= {} if self.orient is None else {"pandas_orient": self.orient}
        return info | ({} if self.params is None else {"params": "true"})


def split_params(example: Any) -> tuple[Any, dict[str, Any] | None]:
    """Data and params of an example; a tuple whose second part is a dict holds both."""
    if isinstance(example, tuple) and len(example) == 2 and isinstance(example[1], dict):
        return example
    return example, None


def read_example(folder: Path, info: Mapping[str, Any]) -> tuple[Any, dict[str, Any] | None]:
    """Data and params of a package's example, in the container that was given when it was saved.

    Types that JSON does not have (times, bytes, 32-bit numbers) come back as JSON has them; the signature restores
    them. Raises InvalidPackage where the file is missing or is not what ``info`` says.
    """
    content = _read_json(folder / str(info.get("artifact_path", FILE)))
    params = None
    try:
        if info.get("params") or info.get("example_params_path"):
            content, params = content["inputs"], content["params"]
        return _decode(content, str(info.get("type", "json_object"))), params
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidPackage(f"{FILE} does not hold the example that the manifest describes") from error


def read_serving_input(folder: Path, info: Mapping[str, Any]) -> bytes | None:
    """The stored request body of a package, or None where it has none (MLflow before 2.16)."""
    name = info.get("serving_input_path")
    path = folder / str(name)
    return path.read_bytes() if name and path.is_file() else None


def read_serving_output(folder: Path) -> bytes | None:
    """The stored answer to the stored request body, or None where the package has none."""
    path = folder / OUTPUT_FILE
    return path.read_bytes() if path.is_file() else None


def _encode(data: Any) -> tuple[str, str | None, Any, dict[str, Any]]:
    """Kind, orient, stored content and request body."""
    if hasattr(data, "model_dump"):  # a pydantic model
        data = data.model_dump()
    if type(data).__name__ == "DataFrame" and hasattr(data, "columns"):
        content = _split(data)
        return "dataframe", "split" if "columns" in content else "values", content, {"dataframe_split": content}
    if _is_arrays(data):
        return "ndarray", None, data, {"inputs": data}
    if hasattr(data, "indptr") and getattr(data, "format", None) in ("csr", "csc"):
        parts = {"data": data.data, "indices": data.indices, "indptr": data.indptr, "shape": list(data.shape)}
        return f"sparse_matrix_{data.format}", None, parts, {"inputs": data.toarray()}
    if isinstance(data, Mapping):
        return "json_object", None, data, dict(data) if is_llm_input(data) else {"inputs": data}
    if isinstance(data, (list, str, int, float, bool, bytes, datetime, np.generic)):
        return "json_object", None, data, {"inputs": data}
    raise InvalidArgument(
        f"input_example is a {type(data).__name__}",
        tip="give a DataFrame, an array, a dict, a list, a scalar or a CSR or CSC matrix, or (data, params)",
    )


def _is_arrays(data: Any) -> bool:
    if not isinstance(data, Mapping):
        return isinstance(data, np.ndarray)
    arrays = [isinstance(value, np.ndarray) for value in data.values()]
    if any(arrays) and not all(arrays):
        raise InvalidArgument("input_example is a dict that mixes arrays with other values; give arrays only, or none")
    return any(arrays)


def _split(frame: pd.DataFrame) -> dict[str, Any]:
    # By column: one array for all would turn an integer beside a float into a float.
    columns = [column_values(frame.iloc[:, at]) for at in range(frame.shape[1])]
    rows = [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(len(frame))]
    content: dict[str, Any] = {"data": rows}
    if list(frame.columns) != [*range(frame.shape[1])]:
        content["columns"] = list(frame.columns)
    return dict(sorted(content.items()))


def _json(value: Any) -> bytes:
    try:
        return encode_json(value, wrapped=False)
    except UnwritableAnswer as error:
        raise InvalidArgument(f"input_example cannot be written: {error.reason}") from error


def _decode(content: Any, kind: str) -> Any:
    if kind == "dataframe":
        import pandas as pd

        return pd.DataFrame(content["data"], columns=content.get("columns"))
    if kind == "ndarray":
        if isinstance(content, dict):
            return {name: np.array(values) for name, values in content.items()}
        return np.array(content)
    if kind.startswith("sparse_matrix"):
        from scipy import sparse

        make = sparse.csc_matrix if kind.endswith("csc") else sparse.csr_matrix
        return make((content["data"], content["indices"], content["indptr"]), shape=tuple(content["shape"]))
    return content


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidPackage(f"{path.name} cannot be read as JSON") from error
