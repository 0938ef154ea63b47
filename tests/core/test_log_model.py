from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

import mlpack
from mlpack.client import Client
from mlpack.errors import InvalidArgument, InvalidPackage, NotInStore, PackageNotFound
from mlpack.manifest import Model
from mlpack.tracking.context import source_tags

ROWS = [[1.0], [2.0]]


def test_a_logged_model_loads_by_every_uri(client: Client, model: DummyClassifier) -> None:
    with mlpack.start_run() as run:
        info = mlpack.sklearn.log_model(model, "model", registered_model_name="iris")
    client.set_registered_model_alias("iris", "champion", 1)
    named = ("models:/iris/1", "models:/iris@champion", "models:/iris/latest", "models:/iris/None")
    for uri in (info.model_uri, f"runs:/{run.info.run_id}/model", *named):
        assert mlpack.pyfunc.load_model(uri).predict(ROWS).tolist() == [1, 1]


def test_its_manifest_says_who_it_is_as_mlflow_3_does(client: Client, model: DummyClassifier) -> None:
    with mlpack.start_run() as run:
        mlpack.log_param("depth", 3)
        info = mlpack.sklearn.log_model(model, name="model", params={"rate": 1}, tags={"team": 7}, model_type="dummy")
    logged = client.get_logged_model(str(info.model_id))
    assert (logged.status, logged.name, logged.source_run_id) == ("READY", "model", run.info.run_id)
    assert (logged.params, logged.model_type) == ({"depth": "3", "rate": "1"}, "dummy")
    assert logged.tags == {**source_tags(), "team": "7"}
    manifest = Model.load(mlpack.stores.resolve(info.model_uri))
    assert (manifest.model_id, manifest.model_uuid) == (logged.model_id, logged.model_id)
    assert (manifest.run_id, manifest.artifact_path) == (run.info.run_id, logged.artifact_location)
    assert (info.run_id, info.model_uuid, info.registered_model_version) == (run.info.run_id, logged.model_id, None)


def test_it_needs_no_run(client: Client, model: DummyClassifier) -> None:
    info = mlpack.sklearn.log_model(model)
    assert info.run_id is None
    assert mlpack.active_run() is None
    assert client.get_logged_model(str(info.model_id)).name == "model"
    assert mlpack.sklearn.load_model(info.model_uri).predict(ROWS).tolist() == [1, 1]


@pytest.mark.parametrize("named", [{"artifact_path": "net"}, {"name": "net"}])
def test_the_model_and_its_name_may_be_given_as_keywords(
    client: Client, model: DummyClassifier, named: dict[str, Any]
) -> None:
    info = mlpack.sklearn.log_model(sk_model=model, input_example=np.array(ROWS), metadata={"by": "us"}, **named)
    assert client.get_logged_model(str(info.model_id)).name == "net"
    assert (info.metadata, info.signature is not None) == ({"by": "us"}, True)


def test_python_code_is_logged_with_the_arguments_of_save_model(client: Client) -> None:
    info = mlpack.pyfunc.log_model("echo", python_model=echo, input_example=["a"], registered_model_name="echo")
    assert info.registered_model_version == "1"
    assert mlpack.pyfunc.load_model("models:/echo/1").predict(["a", "b"]) == ["a", "b"]


def test_each_logging_under_one_name_is_a_version_and_tells_the_model(client: Client, model: DummyClassifier) -> None:
    infos = [mlpack.sklearn.log_model(model, "model", registered_model_name="iris") for _ in range(2)]
    assert [info.registered_model_version for info in infos] == ["1", "2"]
    mlpack.register_model(infos[1].model_uri, "flowers", tags={"copy": True})
    tags = client.get_logged_model(str(infos[1].model_id)).tags
    assert json.loads(tags["mlflow.modelVersions"]) == [
        {"name": "iris", "version": "2"},
        {"name": "flowers", "version": "1"},
    ]
    assert client.get_model_version("flowers", 1).tags == {"copy": "True"}


def test_what_a_run_calls_a_model_can_be_registered(client: Client, model: DummyClassifier) -> None:
    with mlpack.start_run() as run:
        info = mlpack.sklearn.log_model(model, "model")
    version = mlpack.register_model(f"runs:/{run.info.run_id}/model", "iris")
    assert (version.run_id, version.model_id, version.source) == (run.info.run_id, info.model_id, info.model_uri)


def test_a_package_among_the_files_of_a_run_can_be_registered(client: Client, model: DummyClassifier) -> None:
    mlpack.sklearn.save_model(model, "mine")
    with mlpack.start_run() as run:
        mlpack.log_artifacts("mine", "net/best")
    version = mlpack.register_model(f"runs:/{run.info.run_id}/net/best", "iris")
    assert version.source == f"{run.info.artifact_uri}/net/best"
    assert mlpack.sklearn.load_model("models:/iris/1").predict(ROWS).tolist() == [1, 1]


def test_a_package_in_a_folder_and_a_version_of_another_name_can_be_registered(
    client: Client, model: DummyClassifier, tmp_path: Path
) -> None:
    mlpack.sklearn.save_model(model, "mine")
    assert mlpack.register_model("mine", "iris").source == (tmp_path / "mine").as_uri()
    mlpack.register_model("models:/iris/1", "flowers")
    assert mlpack.sklearn.load_model("models:/flowers/latest").predict(ROWS).tolist() == [1, 1]


def test_the_note_that_mlflow_leaves_in_a_package_changes_nothing(client: Client, model: DummyClassifier) -> None:
    info = mlpack.sklearn.log_model(model, "model")
    (mlpack.stores.resolve(info.model_uri) / "registered_model_meta").write_text("model_name: iris\n")
    assert mlpack.sklearn.load_model(info.model_uri).predict(ROWS).tolist() == [1, 1]


def test_nothing_and_half_of_something_gets_no_version(client: Client, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    pending = client.create_logged_model("0", "model")
    with mlpack.start_run() as run:
        mlpack.log_text("hello", "notes/read.txt")
    missing = ("missing", "empty", f"runs:/{run.info.run_id}/notes", f"runs:/{run.info.run_id}/model")
    for uri in missing:
        with pytest.raises(PackageNotFound):
            mlpack.register_model(uri, "iris")
    with pytest.raises(InvalidPackage, match="is PENDING, not READY"):
        mlpack.register_model(pending.model_uri, "iris")
    for uri in ("models:/other/1", f"models:/m-{'0' * 32}"):
        with pytest.raises(NotInStore):
            mlpack.register_model(uri, "iris")
    assert client.search_model_versions() == []


def test_a_model_that_cannot_be_saved_is_marked_failed_and_not_registered(
    client: Client, model: DummyClassifier
) -> None:
    with pytest.raises(InvalidArgument):
        mlpack.sklearn.log_model(model, "model", registered_model_name="iris", pip_requirement=["a"])
    assert [one.status for one in client.search_logged_models(["0"])] == ["FAILED"]
    assert client.search_registered_models() == []


def test_a_name_that_cannot_be_registered_is_refused_before_anything_is_logged(
    client: Client, model: DummyClassifier
) -> None:
    with pytest.raises(InvalidArgument, match="model name"):
        mlpack.sklearn.log_model(model, "model", registered_model_name="a/b")
    assert client.search_logged_models(["0"]) == []


def test_waiting_for_a_registration_is_taken_and_needs_none(client: Client, model: DummyClassifier) -> None:
    info = mlpack.sklearn.log_model(model, "model", registered_model_name="iris", await_registration_for=1)
    assert mlpack.register_model(info.model_uri, "iris", 300).version == "2"


def test_a_model_is_named_once(client: Client, model: DummyClassifier) -> None:
    with pytest.raises(InvalidArgument, match="named twice"):
        mlpack.sklearn.log_model(model, "model", name="other")


def test_a_process_killed_at_any_instant_leaves_no_version_of_a_half_package(tmp_path: Path) -> None:
    script = Path(__file__).with_name("log_faults.py")
    run = subprocess.run([sys.executable, script, tmp_path], check=True, capture_output=True, text=True)
    outcomes = json.loads(run.stdout)
    assert len(outcomes) == 20
    for outcome in outcomes:
        assert outcome["killed"], outcome
        assert outcome["broken"] == [], outcome
        assert outcome["versions"] == list(range(1, outcome["versions"][-1] + 1)), outcome
    assert {outcome["registered"] for outcome in outcomes} == {0, 1}


def echo(model_input: list[str]) -> list[str]:
    return model_input
