"""A pipeline over a mixed frame, probabilities as the pyfunc answer, requirements given by hand."""

import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

frame = pd.DataFrame({"age": [20.0, np.nan, 40.0, 61.5], "city": ["Rome", "Oslo", "Rome", "Oslo"]})
bought = [0, 1, 0, 1]
columns = make_column_transformer((SimpleImputer(), ["age"]), (OneHotEncoder(), ["city"]))
model = make_pipeline(columns, LogisticRegression()).fit(frame, bought)
mlflow.sklearn.save_model(
    sk_model=model,
    path="shop",
    input_example=frame,
    pyfunc_predict_fn="predict_proba",
    serialization_format="pickle",
    pip_requirements=["scikit-learn", "pandas>=2"],
    metadata={"team": "sales"},
)

loaded = mlflow.pyfunc.load_model("shop")
print(np.round(loaded.predict(frame), 6))
print(np.round(loaded.predict(frame[["city", "age"]]), 6))
print(loaded.metadata.metadata, loaded.metadata.signature.to_dict()["inputs"])
print(mlflow.sklearn.load_model("shop").predict(frame))
with open("shop/requirements.txt") as file:
    print([line for line in file.read().split("\n") if line.startswith(("scikit", "pandas"))])
