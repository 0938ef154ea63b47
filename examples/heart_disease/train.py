"""Train a classifier on patients, log and register it, and name the best version champion.

``python train.py [CSV] [--strength C]``. Every run registers another version of one model in ``./mlruns``.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import mlpack
from mlpack.errors import NotInStore
from mlpack.models import infer_signature

NAME, ALIAS = "heart-disease", "champion"


def read(csv: str | None) -> tuple[pd.DataFrame, pd.Series[bool]]:
    """Patients, and whether each is ill: of the UCI heart disease data, or of scikit-learn's on breast cancer."""
    if csv is None:
        X, benign = load_breast_cancer(return_X_y=True, as_frame=True)
        X = X.filter(like="mean")
        gaps = np.random.default_rng(0).random(X.shape) < 0.1  # as tables from hospitals have them
        return X.mask(gaps), benign == 0
    table = pd.read_csv(csv)
    return table.drop(columns=["id", "dataset", "num"]), table["num"] > 0


def unfitted(strength: float) -> Pipeline:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    # A gap in a CSV file is read as NaN, null in JSON can be None: pd.NA means both here, where np.nan would miss one.
    words = make_pipeline(
        SimpleImputer(missing_values=pd.NA, strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(columns, LogisticRegression(C=strength, max_iter=1000))


def train(X: pd.DataFrame, ill: pd.Series[bool], strength: float) -> str:
    """Fit, measure, log and register; the new version's number."""
    X_train, X_test, ill_train, ill_test = train_test_split(X, ill, test_size=0.25, stratify=ill, random_state=0)
    with mlpack.start_run(run_name=f"C={strength:g}"):
        model = unfitted(strength).fit(X_train, ill_train)
        risk = model.predict_proba(X_test)[:, 1]
        mlpack.log_params({"C": strength, "rows": len(X_train), "columns": X.shape[1]})
        mlpack.log_metric("accuracy", accuracy_score(ill_test, risk > 0.5))
        mlpack.log_metrics({"roc_auc": roc_auc_score(ill_test, risk), "log_loss": log_loss(ill_test, risk)})
        gaps = X.isna().sum(axis=1)
        info = mlpack.sklearn.log_model(
            model,
            "model",
            # Inferred from all rows, so that what is missing in any of them may be missing in a request. From the
            # example alone, every column in which its two rows have values would be required.
            signature=infer_signature(X, model.predict_proba(X)),
            input_example=X.loc[[gaps.idxmin(), gaps.idxmax()]],
            pyfunc_predict_fn="predict_proba",
            registered_model_name=NAME,
        )
    return str(info.registered_model_version)


def promote(version: str) -> None:
    """Give the alias to the version, unless the one that has it is at least as good."""
    client = mlpack.Client()

    def loss(number: str) -> float:
        run_id = client.get_model_version(NAME, number).run_id
        return float(client.get_run(str(run_id)).data.metrics["log_loss"])

    try:
        champion = client.get_model_version_by_alias(NAME, ALIAS).version
    except NotInStore:
        champion = None
    if champion is None or loss(version) < loss(champion):
        client.set_registered_model_alias(NAME, ALIAS, version)
        print(f"version {version} (log loss {loss(version):.3f}) is the {ALIAS}; before it was {champion or 'none'}")
    else:
        print(f"version {version} (log loss {loss(version):.3f}) is no better; version {champion} stays the {ALIAS}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", nargs="?", help="heart_disease_uci.csv; without it, data that scikit-learn has")
    parser.add_argument("--strength", type=float, default=1.0, help="C of the logistic regression (default: 1)")
    options = parser.parse_args()
    promote(train(*read(options.csv), options.strength))


if __name__ == "__main__":
    main()
