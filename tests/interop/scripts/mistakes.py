"""What goes wrong is an exception that a script can catch."""

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression

frame = pd.DataFrame({"a": [1.0, 2.0]})
model = LinearRegression().fit(frame, [1.0, 2.0])
signature = infer_signature(frame)


def attempt(name, action):
    try:
        action()
    except MlflowException:
        print(name, "refused")
    else:
        print(name, "accepted")


def save(path):
    mlflow.sklearn.save_model(
        model, path, signature=signature, serialization_format="pickle", pip_requirements=["scikit-learn"]
    )


save("line")
loaded = mlflow.pyfunc.load_model("line")
attempt("path that exists", lambda: save("line"))
attempt("missing column", lambda: loaded.predict(pd.DataFrame({"b": [1.0]})))
attempt("word for a number", lambda: loaded.predict(pd.DataFrame({"a": ["x"]})))
attempt("extra column", lambda: loaded.predict(pd.DataFrame({"a": [1.0], "b": [2.0]})))
attempt("a dict", lambda: loaded.predict({"a": [1.0]}))
attempt("records", lambda: loaded.predict([{"a": 1.0}]))
attempt("nothing there", lambda: mlflow.pyfunc.load_model("nowhere"))
attempt("no such flavor", lambda: mlflow.sklearn.load_model("nowhere"))
attempt("no empty signature", lambda: infer_signature(pd.DataFrame()))
