"""A loader module with a folder of data."""

from pathlib import Path

import mlflow.pyfunc
import pandas as pd

Path("words").mkdir()
Path("words/list.txt").write_text("yes no")
Path("words_loader.py").write_text(
    """
from pathlib import Path


class Known:
    def __init__(self, words):
        self.words = words

    def predict(self, model_input):
        return model_input["word"].isin(self.words)


def _load_pyfunc(path):
    return Known(Path(path, "list.txt").read_text().split())
"""
)
mlflow.pyfunc.save_model(
    "known", loader_module="words_loader", data_path="words", code_paths=["words_loader.py"], pip_requirements=[]
)
model = mlflow.pyfunc.load_model("known")
print(model.predict(pd.DataFrame({"word": ["yes", "maybe"]})).tolist())
print(model.metadata.flavors["python_function"]["loader_module"], model.metadata.signature)
