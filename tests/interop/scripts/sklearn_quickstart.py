"""Train, save with a signature, load as pyfunc and natively, predict."""

import mlflow
import mlflow.sklearn
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

X, y = load_iris(return_X_y=True, as_frame=True)
model = LogisticRegression(max_iter=300).fit(X, y)
signature = infer_signature(X, model.predict(X))
mlflow.sklearn.save_model(
    model, "iris", signature=signature, input_example=X.head(2), serialization_format="cloudpickle"
)

loaded = mlflow.pyfunc.load_model("iris")
print(loaded.predict(X.iloc[[0, 75, 149]]))
print(loaded.metadata.signature.inputs.input_names())
print(loaded.metadata.get_input_schema().to_json())
print(loaded.metadata.get_output_schema().to_json())
print(type(mlflow.sklearn.load_model("iris")).__name__)
print(sorted(loaded.metadata.flavors), loaded.metadata.flavors["sklearn"]["serialization_format"])
