"""A server that asks for a password: both sides log, register and load there, and a wrong password is told as such."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sklearn.dummy import DummyClassifier

import mlpack
from mlpack.errors import StoreFailure
from mlpack.stores.rest import RestStore
from tests.interop.conftest import Mlflow
from tests.interop.environments import MLFLOWS
from tests.interop.tracking import script, tracking_server

NEWEST = next(iter(MLFLOWS))
PASSWORD = "for this test only"  # noqa: S105
MODEL = DummyClassifier(strategy="most_frequent").fit([[1.0], [2.0], [3.0]], [0, 1, 1])
#: MLflow loads what mlpack registered, and registers the like itself.
THEIRS = """
import mlflow
from sklearn.dummy import DummyClassifier
run, = mlflow.search_runs(experiment_names=["nightly"], output_format="list")
assert (run.info.run_name, run.data.params, run.data.metrics) == ("first", {"depth": "3"}, {"loss": 0.5})
for uri in (f"runs:/{run.info.run_id}/net", "models:/net@champion"):
    assert mlflow.pyfunc.load_model(uri).predict([[1.0]]).tolist() == [1]
with mlflow.start_run() as run:
    model = DummyClassifier(strategy="constant", constant=2).fit([[1.0], [2.0]], [1, 2])
    mlflow.sklearn.log_model(model, name="theirs", registered_model_name="theirs", pip_requirements=[])
mlflow.MlflowClient().set_registered_model_alias("theirs", "champion", "1")
print(run.info.run_id)
"""


@pytest.fixture(scope="module")
def server(mlflow: Callable[[str], Mlflow], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = {"MLFLOW_FLASK_SERVER_SECRET_KEY": "for the forms", "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD}
    folder = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_USERNAME", "admin")
        patch.setenv("MLFLOW_TRACKING_PASSWORD", PASSWORD)
        patch.setenv("MLPACK_CACHE_ROOT", str(folder / "cache"))
        with tracking_server(mlflow(NEWEST).python, folder, "--app-name", "basic-auth", environ=environ) as uri:
            mlpack.set_tracking_uri(uri)
            yield uri
            mlpack.set_tracking_uri(None)


def test_each_side_loads_what_the_other_logged_and_registered(
    server: str, mlflow: Callable[[str], Mlflow], tmp_path: Path
) -> None:
    mlpack.set_experiment("nightly")
    with mlpack.start_run(run_name="first"):
        mlpack.log_param("depth", 3)
        mlpack.log_metric("loss", 0.5)
        mlpack.sklearn.log_model(MODEL, "net", registered_model_name="net", pip_requirements=[])
    mlpack.Client().set_registered_model_alias("net", "champion", 1)
    run_id = script(mlflow(NEWEST).python, server, THEIRS, tmp_path).splitlines()[-1]
    for uri in (f"runs:/{run_id}/theirs", "models:/theirs@champion"):
        assert mlpack.pyfunc.load_model(uri).predict([[1.0]]).tolist() == [2]


def test_a_wrong_password_is_told_as_such(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "a wrong one")
    with pytest.raises(StoreFailure, match="does not let you") as caught:
        RestStore(server).search_experiments()
    assert "a wrong one" not in repr(caught.value)
    assert "MLFLOW_TRACKING_USERNAME" in caught.value.tip
