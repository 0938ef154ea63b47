"""A model class in a module of its own, as users of MLflow write it."""

import mlflow


class Polite(mlflow.pyfunc.PythonModel):
    def __init__(self, greeting):
        self.greeting = greeting

    def predict(self, context, model_input, params=None):
        return [f"{self.greeting} {x:g}" for x in model_input["x"]]
