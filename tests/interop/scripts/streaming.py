"""A model that streams."""

import mlflow


class Countdown(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return list(self.predict_stream(context, model_input, params))

    def predict_stream(self, context, model_input, params=None):
        yield from range(model_input["from"], 0, -(params or {}).get("step", 1))


mlflow.pyfunc.save_model("countdown", python_model=Countdown(), pip_requirements=[])
model = mlflow.pyfunc.load_model("countdown")
print(model.predict({"from": 3}))
print([piece * 10 for piece in model.predict_stream({"from": 3})])
print(model.metadata.flavors["python_function"]["streamable"])
