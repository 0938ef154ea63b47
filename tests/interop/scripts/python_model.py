"""A PythonModel with artifacts, a configuration and params."""

import json

import mlflow
import pandas as pd
from mlflow.models import infer_signature


class Thresholds(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["limits"]) as file:
            self.limits = json.load(file)

    def predict(self, context, model_input, params=None):
        limit = self.limits[params["level"]] + context.model_config["margin"]
        return model_input["value"] > limit


with open("limits.json", "w") as file:
    json.dump({"low": 1, "high": 10}, file)

frame = pd.DataFrame({"value": [0.5, 5.0, 50.0]})
mlflow.pyfunc.save_model(
    "thresholds",
    python_model=Thresholds(),
    artifacts={"limits": "limits.json"},
    model_config={"margin": 0.25},
    signature=infer_signature(frame, params={"level": "low"}),
    pip_requirements=["pandas"],
)

model = mlflow.pyfunc.load_model("thresholds")
print(model.predict(frame).tolist())
print(model.predict(frame, params={"level": "high"}).tolist())
print(model.model_config)
print(type(model.unwrap_python_model()).__name__, model.unwrap_python_model().limits)
wide = mlflow.pyfunc.load_model("thresholds", model_config={"margin": 6})
print(wide.predict(frame).tolist(), wide.model_config)
