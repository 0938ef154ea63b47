"""A model as a code file, with a configuration for development and one that is saved."""

from pathlib import Path

import mlflow
import pandas as pd

Path("model_code.py").write_text(
    """
import mlflow
from mlflow.models import ModelConfig, set_model
from mlflow.pyfunc import PythonModel

config = ModelConfig(development_config={"factor": 1})


class Times(PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input * config.get("factor")


set_model(Times())
"""
)
mlflow.pyfunc.save_model(
    "times",
    python_model="model_code.py",
    model_config={"factor": 3},
    input_example=pd.DataFrame({"n": [1, 2]}),
    pip_requirements=["pandas"],
)
model = mlflow.pyfunc.load_model("times")
print(model.predict(pd.DataFrame({"n": [4, 5]})))
print(mlflow.pyfunc.load_model("times", model_config={"factor": 10}).predict(pd.DataFrame({"n": [4]})))
print(model.loader_module, sorted(path.name for path in Path("times").glob("*.py")))
