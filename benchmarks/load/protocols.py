"""One request in the words of each server, and the predictions in its answer."""

from __future__ import annotations

import http
import http.client
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa

JSON = {"content-type": "application/json"}
ARROW = "application/vnd.apache.arrow.stream"


@dataclass(frozen=True)
class Request:
    """A request to predict, and how its answer is read."""

    path: str
    body: bytes
    predictions: Callable[[bytes], list[Any]]
    headers: Mapping[str, str] = field(default_factory=JSON.copy)

    def ask(self, connection: http.client.HTTPConnection) -> list[Any]:
        """Send it once; an answer that is no prediction ends the benchmark with what the server said."""
        connection.request("POST", self.path, self.body, dict(self.headers))
        reply = connection.getresponse()
        content = reply.read()
        if reply.status != http.HTTPStatus.OK:
            raise SystemExit(f"{self.path} answered {reply.status}: {content[:1000].decode(errors='replace')}")
        return self.predictions(content)


Protocol = Callable[[Any], Request]


def invocations(data: Any) -> Request:
    """MLflow's: a frame split into columns and rows, an array as it is."""
    if isinstance(data, pd.DataFrame):
        document: Any = {"dataframe_split": {"columns": list(data), "data": _rows(data)}}
    else:
        document = {"instances": data.tolist()}
    return Request("/invocations", _written(document), lambda answer: list(json.loads(answer)["predictions"]))


def arrow(data: pd.DataFrame) -> Request:
    """mlpack's, with an Arrow stream in and out."""
    sink = io.BytesIO()
    table = pa.Table.from_pandas(data, preserve_index=False)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    headers = {"content-type": ARROW, "accept": ARROW}
    return Request("/invocations", sink.getvalue(), _first_column, headers)


def open_inference(data: Any) -> Request:
    """The Open Inference Protocol, version 2: numbers in one tensor, mixed columns in a tensor each."""
    if isinstance(data, pd.DataFrame) and len(set(data.dtypes)) > 1:
        document = {"parameters": {"content_type": "pd"}, "inputs": [_tensor(str(name), data[name]) for name in data]}
    else:
        cells = data.to_numpy() if isinstance(data, pd.DataFrame) else data
        tensor = {"name": "input", "shape": cells.shape, "datatype": "FP64", "data": cells.ravel().tolist()}
        document = {"inputs": [tensor]}
    path = "/v2/models/model/infer"
    return Request(path, _written(document), lambda answer: list(json.loads(answer)["outputs"][0]["data"]))


def rows(data: Any) -> Request:
    """Those of our own small services: a frame as records, numbers as lists."""
    mixed = isinstance(data, pd.DataFrame) and len(set(data.dtypes)) > 1
    cells = _rows(data) if isinstance(data, pd.DataFrame) else data.tolist()
    document = {"rows": [dict(zip(data, row, strict=True)) for row in cells] if mixed else cells}
    return Request("/predict", _written(document), lambda answer: list(json.loads(answer)))


def _tensor(name: str, column: pd.Series[Any]) -> dict[str, Any]:
    numeric = pd.api.types.is_numeric_dtype(column.dtype)
    kind = {"datatype": "FP64"} if numeric else {"datatype": "BYTES", "parameters": {"content_type": "str"}}
    return {"name": name, "shape": [len(column), 1], "data": [row[0] for row in _rows(column.to_frame())], **kind}


def _rows(data: pd.DataFrame) -> list[list[Any]]:
    """The rows of a frame, with None where a value is missing."""
    return [[None if pd.isna(cell) else cell for cell in row] for row in data.to_numpy().tolist()]


def _written(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _first_column(answer: bytes) -> list[Any]:
    return list(pa.ipc.open_stream(answer).read_all().column(0).to_pylist())
