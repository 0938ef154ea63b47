"""What autologging tells of a classifier, a regressor and a search."""

import os

import mlflow
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
mlflow.set_tracking_uri("runs")
mlflow.sklearn.autolog(log_models=False)


def train(model, data, **options):
    mlflow.set_experiment(type(model).__name__)
    model.fit(*data, **options)
    for run in mlflow.search_runs(order_by=["metrics.training_score", "params.C"], output_format="list"):
        show(run)


def show(run):
    """What is the same each time: no ids and no durations."""
    print(run.info.status)
    tags = {name: value for name, value in run.data.tags.items() if "." not in name}
    for kind in (tags, run.data.params):
        print("\n".join(f"{name} = {value}" for name, value in sorted(kind.items())))
    for name, value in sorted(run.data.metrics.items()):
        if not name.endswith("_time"):
            print(f"{name} = {value:.9g}")


train(make_pipeline(StandardScaler(), LogisticRegression()), load_breast_cancer(return_X_y=True, as_frame=True))
data, target = load_diabetes(return_X_y=True, as_frame=True)
train(RandomForestRegressor(n_estimators=5, random_state=0), (data, target), sample_weight=1 + target / 100)
search = GridSearchCV(LogisticRegression(max_iter=2000), {"C": [0.01, 0.1, 1, 10, 100, 1000]}, return_train_score=True)
train(search, load_iris(return_X_y=True, as_frame=True))
