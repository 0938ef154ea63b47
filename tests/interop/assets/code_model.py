"""A model as a code file, as users of MLflow write it."""

import mlflow
import mlflow.pyfunc
from mlflow.models import ModelConfig, set_model

config = ModelConfig(development_config={"power": 3, "name": "development"})


class Power(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input["x"] ** config.get("power") + len(config.get("name"))


set_model(Power())
