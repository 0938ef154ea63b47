"""Save a fitted model with an example and a signature, and print how long it took: ``saving.py NAME FOLDER``."""

import importlib
import json
import resource
import sys
import time

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression


def cpu() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


library = importlib.import_module(f"{sys.argv[1]}.sklearn")
models = importlib.import_module(f"{sys.argv[1]}.models")
X, y = load_iris(return_X_y=True, as_frame=True)
model = LogisticRegression(max_iter=300).fit(X, y)
signature = models.infer_signature(X, model.predict(X))
start, used = time.perf_counter(), cpu()
library.save_model(model, sys.argv[2], signature=signature, input_example=X.head(3), serialization_format="cloudpickle")
print(json.dumps({"cpu": cpu() - used, "wall": time.perf_counter() - start}))
