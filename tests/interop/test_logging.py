"""What mlpack logs and registers, on a running server and in a folder, MLflow of both releases lists and loads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sklearn.dummy import DummyClassifier

import mlpack
from tests.interop.conftest import Mlflow
from tests.interop.environments import MLFLOWS
from tests.interop.tracking import script, tracking_server

MODEL = DummyClassifier(strategy="most_frequent").fit([[1.0], [2.0], [3.0]], [0, 1, 1])
#: What MLflow finds; ``runs`` URIs lead through the run, ``models`` URIs through the registry.
FOUND_BY_MLFLOW = """
import json, mlflow
client = mlflow.MlflowClient()
table = mlflow.search_runs(experiment_names=["nightly"])
run_id = table["run_id"][0]
uris = ["models:/net/1", "models:/net@champion", "models:/net/latest"]
if mlflow.__version__ >= "3" or "http" in mlflow.get_tracking_uri():  # before 3 there were no logged models in folders
    uris.append(f"runs:/{run_id}/net")
print(json.dumps({
    "names": table["tags.mlflow.runName"].tolist(), "params": table["params.depth"].tolist(),
    "losses": [point.value for point in client.get_metric_history(run_id, "loss")],
    "answers": [answer for uri in uris for answer in mlflow.pyfunc.load_model(uri).predict([[1.0]]).tolist()],
    "text": open(client.download_artifacts(run_id, "notes/read.txt")).read(),
    "version": client.get_model_version("net", "1").run_id == run_id,
}))
"""


@pytest.fixture(params=[(release, kind) for release in MLFLOWS for kind in ("server", "folder")], ids="-".join)
def store(
    request: pytest.FixtureRequest, mlflow: Callable[[str], Mlflow], tmp_path: Path
) -> Iterator[tuple[Mlflow, str]]:
    """MLflow of a release, and the URI of a store that both sides use."""
    release, kind = request.param
    if kind == "folder":
        yield mlflow(release), (tmp_path / "mlruns").as_uri()
    else:
        with tracking_server(mlflow(release).python, tmp_path) as uri:
            yield mlflow(release), uri


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MLPACK_CACHE_ROOT", str(tmp_path / "cache"))
    yield
    mlpack.set_tracking_uri(None)


def test_mlflow_finds_and_loads_what_we_log_and_register(store: tuple[Mlflow, str], tmp_path: Path) -> None:
    theirs, uri = store
    mlpack.set_tracking_uri(uri)
    mlpack.set_experiment("nightly")
    with mlpack.start_run(run_name="first") as run:
        mlpack.log_param("depth", 3)
        for step in range(3):
            mlpack.log_metric("loss", 0.5**step, step=step)
        mlpack.log_text("hello", "notes/read.txt")
        info = mlpack.sklearn.log_model(MODEL, "net", registered_model_name="net")
    mlpack.Client().set_registered_model_alias("net", "champion", 1)
    found = json.loads(script(theirs.python, uri, FOUND_BY_MLFLOW, tmp_path / "script", MLFLOW_ALLOW_FILE_STORE="true"))
    assert (found.pop("names"), found.pop("params"), found.pop("losses")) == (["first"], ["3"], [1.0, 0.5, 0.25])
    assert set(found.pop("answers")) == {1}
    assert found == {"text": "hello", "version": True}
    assert mlpack.register_model(f"runs:/{run.info.run_id}/net", "net").version == "2"
    for name in (info.model_uri, f"runs:/{run.info.run_id}/net", "models:/net@champion", "models:/net/2"):
        assert mlpack.pyfunc.load_model(name).predict([[1.0]]).tolist() == [1]
