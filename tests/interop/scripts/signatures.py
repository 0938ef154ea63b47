"""What is inferred of all kinds of data, and signatures written by hand."""

import datetime

import numpy as np
import pandas as pd
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec
from mlflow.types.schema import AnyType, Array, Map, Object, Property
from scipy.sparse import csr_matrix

samples = {
    "frame": pd.DataFrame({"i": [1, 2], "f": [0.5, np.nan], "s": ["a", "b"], "b": [True, False]}),
    "small types": pd.DataFrame({"i": np.array([1], "int8"), "u": np.array([1], "uint16"), "f": np.array([1], "f4")}),
    "times": pd.DataFrame({"t": pd.to_datetime(["2024-01-02"]), "y": [b"bytes"]}),
    "missing words": pd.DataFrame({"s": ["a", None]}),
    "series": pd.Series([1.5, 2.5], name="x"),
    "array": np.zeros((2, 3), "float32"),
    "words": np.array(["a", "bc"]),
    "sparse": csr_matrix(np.eye(2)),
    "arrays": {"a": np.array([1, 2]), "b": np.array([[0.5]])},
    "list": ["a", "b"],
    "numbers": [1, 2],
    "scalar": 1.5,
    "text": "a",
    "dict": {"a": "x", "b": 1, "c": [1.0], "d": {"e": True}},
    "records": [{"a": 1, "b": "x"}, {"a": 2}],
    "nested": [{"m": [{"role": "user", "n": [1, 2]}], "when": datetime.datetime(2024, 1, 2)}],
    "objects": pd.DataFrame({"o": [{"x": 1}, {"x": 2, "y": "z"}], "l": [[1, 2], [3]]}),
}
for name, sample in samples.items():
    signature = infer_signature(sample)
    print(name, signature.inputs.to_json(), sep=": ")

signature = infer_signature(samples["frame"], np.array([1]), params={"n": 1, "xs": [0.5], "s": "word", "flag": True})
print(signature.to_dict())
print(ModelSignature.from_dict(signature.to_dict()) == signature)

schema = Schema(
    [
        ColSpec("double", "a"),
        ColSpec(DataType.string, "b", required=False),
        ColSpec(Array(DataType.long), "c"),
        ColSpec(Map(Array("string")), "d"),
        ColSpec(Object([Property("z", "boolean"), Property("y", Array(Array("float")), required=False)]), "e"),
        ColSpec(AnyType(), "f", required=False),
    ]
)
print(schema.to_json())
print(schema.to_dict())
print(Schema.from_json(schema.to_json()) == schema, schema.required_input_names(), schema.optional_input_names())
print(schema.has_input_names(), schema.is_tensor_spec(), list(schema.input_dict()), len(schema.inputs))
tensors = Schema([TensorSpec(np.dtype("float32"), (-1, 28, 28), "image"), TensorSpec(np.dtype("int64"), (-1,), "id")])
print(tensors.to_json(), tensors.is_tensor_spec())
params = ParamSchema([ParamSpec("k", "integer", 3), ParamSpec("xs", DataType.double, [0.1], (-1,))])
print(params.to_json(), ParamSchema.from_json(params.to_json()) == params)
print(ModelSignature(inputs=schema, params=params).to_dict())
