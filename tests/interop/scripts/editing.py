"""Asking about a package, setting another signature, checking a request against it."""

import json

import mlflow
import pandas as pd
from mlflow.models import (
    Model,
    ModelSignature,
    convert_input_example_to_serving_input,
    get_model_info,
    infer_signature,
    set_signature,
    validate_serving_input,
)
from mlflow.types import ColSpec, Schema
from sklearn.linear_model import LinearRegression

frame = pd.DataFrame({"a": [1.0, 2.0], "b": [0.5, 4.0]})
model = LinearRegression().fit(frame, [1.0, 2.0])
mlflow.sklearn.save_model(model, "lines", serialization_format="pickle", pip_requirements=["scikit-learn"])
print(get_model_info("lines").signature)

set_signature("lines", infer_signature(frame, model.predict(frame)))
info = get_model_info("lines")
print(info.signature.to_dict())
print(sorted(info.flavors), info.metadata, info.saved_input_example_info)

manifest = Model.load("lines")
print(manifest.get_input_schema() == info.signature.inputs, manifest.signature == info.signature)
print(sorted(manifest.to_dict())[:2], manifest.get_params_schema())

request = convert_input_example_to_serving_input(frame)
print(json.loads(request))
print(json.loads(convert_input_example_to_serving_input([1, 2])))
print(json.loads(convert_input_example_to_serving_input((frame, {"k": 1}))))
print([round(float(value), 6) for value in validate_serving_input("lines", request)])

set_signature("lines", ModelSignature(inputs=Schema([ColSpec("double", "b"), ColSpec("double", "a")])))
print(mlflow.pyfunc.load_model("lines").metadata.signature.inputs.input_names())
