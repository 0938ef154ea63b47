"""A loader module, as users of MLflow write it."""

import json
from pathlib import Path


class Linear:
    def __init__(self, slope):
        self.slope = slope

    def predict(self, model_input):
        return (model_input["x"] * self.slope).to_numpy()


def _load_pyfunc(path):
    return Linear(json.loads(Path(path, "weights.json").read_text())["slope"])
