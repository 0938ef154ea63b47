"""A server of LitServe for a pickled model: ``litserve_api.py MODEL PORT``."""

from __future__ import annotations

import sys
from typing import Any

import joblib
import litserve
import numpy as np
import pandas as pd

_, MODEL, PORT = sys.argv


class Api(litserve.LitAPI):  # type: ignore[misc]  # it is not installed where types are checked
    """``POST /predict`` with ``{"rows": [...]}``, lists or records by the names of columns, answers a list."""

    def setup(self, device: str) -> None:
        """Load the model, in the process that predicts."""
        self.model = joblib.load(MODEL)

    def decode_request(self, request):  # type: ignore[no-untyped-def]
        """The rows as an array or a frame; a type of the request would have FastAPI check each of its values."""
        rows = request["rows"]
        return np.array(rows) if isinstance(rows[0], list) else pd.DataFrame(rows)

    def predict(self, data: Any) -> Any:
        """One prediction for each row."""
        return self.model.predict(data)

    def encode_response(self, output: Any) -> list[Any]:
        """The predictions as a list."""
        return list(output.tolist())


if __name__ == "__main__":
    server = litserve.LitServer(Api(), accelerator="cpu")
    server.run(host="127.0.0.1", port=int(PORT), generate_client_file=False, log_level="warning")
