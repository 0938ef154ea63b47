"""The seconds from a URI to a local folder, the first time in a process."""

from __future__ import annotations

import json
import sys
import time

_, LIBRARY, STORE, URI = sys.argv

if LIBRARY == "mlflow":
    import mlflow
    from mlflow.artifacts import download_artifacts as resolve
else:
    import mlpack as mlflow
    from mlpack.stores import resolve

mlflow.set_tracking_uri(STORE)
start = time.perf_counter()
resolve(URI)
print(json.dumps({"first": time.perf_counter() - start}))
