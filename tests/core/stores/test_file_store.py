"""The file store: runs and logged models in the files that MLflow reads and writes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml

from mlpack.entities import Metric, Run
from mlpack.errors import AlreadyInStore, InvalidArgument, NotInStore, StoreFailure
from mlpack.stores.file_store import FileStore

RUN = "44f4da44a0fc4191bc7f0bf8e7fb4ac6"
#: What MLflow 2.22.5 wrote for a run.
RUN_OF_MLFLOW_2 = f"""\
artifact_uri: file:///was/elsewhere/0/{RUN}/artifacts
end_time: 1795256125576
entry_point_name: ''
experiment_id: '0'
lifecycle_stage: active
run_id: {RUN}
run_name: bittersweet-doe-638
run_uuid: {RUN}
source_name: ''
source_type: 4
source_version: ''
start_time: 1795256100534
status: 3
tags: []
user_id: root
"""
#: Keys of the meta.yaml of a run in MLflow 3.17.2, which 2.22.5 reads only with run_uuid beside them.
RUN_KEYS = [
    *("artifact_uri", "deleted_time", "end_time", "entry_point_name", "experiment_id", "lifecycle_stage", "run_id"),
    *(
        "run_name",
        "run_uuid",
        "source_name",
        "source_type",
        "source_version",
        "start_time",
        "status",
        "tags",
        "user_id",
    ),
]


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore("mlruns", tmp_path / "mlruns")


def start(store: FileStore, experiment_id: str = "0", *, at: int = 1000, name: str = "calm-owl-7") -> Run:
    return store.create_run(experiment_id, run_name=name, user_id="me", start_time=at, tags={"mlflow.user": "me"})


def text(path: Path) -> str:
    return path.read_bytes().decode()


def test_an_empty_store_is_read_without_being_made(store: FileStore) -> None:
    assert store.search_experiments() == []
    assert not store.search_runs(["0"])
    assert store.get_experiment_by_name("Default") is None
    with pytest.raises(NotInStore):
        store.get_run(RUN)
    assert not store.root.exists()


def test_a_run_is_written_as_mlflow_writes_it(store: FileStore) -> None:
    run_id = start(store).info.run_id
    folder = store.root / "0" / run_id
    meta = yaml.safe_load(text(folder / "meta.yaml"))
    assert list(meta) == RUN_KEYS
    assert (meta["status"], meta["artifact_uri"]) == (1, (folder / "artifacts").as_uri())
    assert yaml.safe_load(text(store.root / "0" / "meta.yaml"))["name"] == "Default"
    assert {path.name for path in folder.iterdir()} == {"meta.yaml", "metrics", "params", "tags", "artifacts"}
    assert text(folder / "tags" / "mlflow.runName") == "calm-owl-7"


def test_what_is_logged_is_read_back(store: FileStore) -> None:
    run_id = start(store).info.run_id
    store.log_batch(run_id, params={"a/b": "1", "lr": "0.1"}, tags={"note": "ü\nline\r\n"})
    values = [Metric("m/x", 0.5, 10, 1), Metric("i", 3, 11), Metric("m/x", math.inf, 12, 2)]
    store.log_batch(run_id, metrics=values)
    assert text(store.root / "0" / run_id / "metrics/m/x") == "10 0.5 1\n12 inf 2\n"
    data = store.get_run(run_id).data
    assert (data.params, data.metrics) == ({"a/b": "1", "lr": "0.1"}, {"i": 3.0, "m/x": math.inf})
    assert data.tags["note"] == "ü\nline\r\n"
    assert store.get_metric_history(run_id, "m/x") == [values[0], values[2]]
    assert store.get_metric_history(run_id, "none") == []


def test_a_param_cannot_change(store: FileStore) -> None:
    run_id = start(store).info.run_id
    store.log_batch(run_id, params={"lr": "1"})
    store.log_batch(run_id, params={"lr": "1"})
    with pytest.raises(InvalidArgument, match="'lr' is '1' already"):
        store.log_batch(run_id, params={"new": "x", "lr": "2"})
    assert store.get_run(run_id).data.params == {"lr": "1"}


@pytest.mark.parametrize("key", ["../escape", "/abs", "a//b", "a\nb", ""])
def test_a_key_that_would_leave_the_run_is_refused_before_anything_is_written(store: FileStore, key: str) -> None:
    run_id = start(store).info.run_id
    with pytest.raises(InvalidArgument):
        store.log_batch(run_id, params={"good": "1", key: "2"})
    assert store.get_run(run_id).data.params == {}


def test_a_run_ends_is_renamed_deleted_and_restored(store: FileStore) -> None:
    run_id = start(store).info.run_id
    store.update_run(run_id, status="FINISHED", end_time=2000)
    store.log_batch(run_id, tags={"mlflow.runName": "new"})
    info = store.get_run(run_id).info
    assert (info.status, info.end_time, info.run_name) == ("FINISHED", 2000, "new")
    store.set_run_lifecycle(run_id, "deleted")
    assert yaml.safe_load(text(store.root / "0" / run_id / "meta.yaml"))["deleted_time"]
    assert (len(store.search_runs(["0"])), len(store.search_runs(["0"], deleted=True))) == (0, 1)
    with pytest.raises(InvalidArgument, match="is deleted"):
        store.log_batch(run_id, tags={"a": "b"})
    store.set_run_lifecycle(run_id, "active")
    store.log_batch(run_id, tags={"a": "b"})
    store.delete_tag(run_id, "a")
    with pytest.raises(NotInStore):
        store.delete_tag(run_id, "a")


def test_runs_come_newest_first_in_pages_and_by_filter(store: FileStore) -> None:
    ids = [start(store, at=at, name=f"r{at}").info.run_id for at in (1, 3, 2)]
    store.log_batch(ids[0], metrics=[Metric("rmse", 0.1, 1)])
    first = store.search_runs(["0", "0"], max_results=2)
    rest = store.search_runs(["0"], max_results=2, page_token=first.token)
    assert [run.info.run_name for run in (*first, *rest)] == ["r3", "r2", "r1"]
    assert rest.token is None
    assert first[0].data.tags["mlflow.user"] == "me"
    assert [run.info.run_id for run in store.search_runs(["0"], filter_string="metrics.rmse < 0.2")] == [ids[0]]


def test_experiments_have_names_tags_and_ids_of_their_own(store: FileStore) -> None:
    made = store.create_experiment("my ex: é", tags={"k": "v"}, artifact_location="s3://bucket/x")
    found = store.get_experiment_by_name("my ex: é")
    assert found
    assert found == store.get_experiment(made)
    assert (found.tags, found.artifact_location) == ({"k": "v"}, "s3://bucket/x")
    run = start(store, made)
    assert run.info.artifact_uri == f"s3://bucket/x/{run.info.run_id}/artifacts"
    with pytest.raises(AlreadyInStore):
        store.create_experiment("my ex: é")
    assert {experiment.name for experiment in store.search_experiments()} == {"Default", "my ex: é"}


def test_an_experiment_that_mlflow_deleted_is_found_in_its_trash(store: FileStore) -> None:
    made = store.create_experiment("gone")
    run_id = start(store, made).info.run_id
    (store.root / ".trash").mkdir()
    (store.root / made).rename(store.root / ".trash" / made)
    assert [experiment.name for experiment in store.search_experiments(deleted=True)] == ["gone"]
    assert store.get_run(run_id).info.artifact_uri == (store.root / ".trash" / made / run_id / "artifacts").as_uri()
    with pytest.raises(InvalidArgument, match="'gone' is deleted"):
        start(store, made)


def test_a_logged_model_is_an_output_of_its_run(store: FileStore) -> None:
    run_id = start(store).info.run_id
    model = store.create_logged_model("0", "model", source_run_id=run_id, params={"lr": "1"}, tags={"a": "b"})
    edge = yaml.safe_load(text(store.root / "0" / run_id / "outputs" / model.model_id / "meta.yaml"))
    assert edge == {
        "source_type": "RUN_OUTPUT",
        "source_id": model.model_id,
        "destination_type": "MODEL_OUTPUT",
        "destination_id": model.model_id,
        "step": 0,
        "tags": {},
    }
    assert (model.status, model.params, model.tags) == ("PENDING", {"lr": "1"}, {"a": "b"})
    assert store.finalize_logged_model(model.model_id, "READY").status == "READY"
    store.set_logged_model_tags(model.model_id, {"c": "d"})
    assert store.get_logged_model(model.model_id).tags == {"a": "b", "c": "d"}
    assert [found.model_id for found in store.search_logged_models(["0"], name="model")] == [model.model_id]
    assert store.search_logged_models(["0"], name="other") == []


def test_a_run_of_mlflow_2_is_read_where_its_store_was_moved(store: FileStore) -> None:
    store.create_experiment("any")
    folder = store.root / "0" / RUN
    (folder / "artifacts").mkdir(parents=True)
    (folder / "metrics").mkdir()
    (folder / "meta.yaml").write_text(RUN_OF_MLFLOW_2)
    (folder / "metrics" / "old").write_text("1795256100590 3.0\n")
    run = store.get_run(RUN)
    assert (run.info.status, run.info.artifact_uri) == ("FINISHED", (folder / "artifacts").as_uri())
    assert run.data.metrics == {"old": 3.0}


def test_new_runs_of_a_moved_store_stay_in_it(store: FileStore, tmp_path: Path) -> None:
    old = start(store).info.run_id
    store.root.rename(tmp_path / "moved to")
    moved = FileStore("x", tmp_path / "moved to")
    assert moved.get_run(old).info.artifact_uri == (moved.root / "0" / old / "artifacts").as_uri()
    assert start(moved).info.artifact_uri.startswith(moved.root.as_uri())


@pytest.mark.parametrize("content", ["", "[1, 2", "- a\n"])
def test_a_broken_file_is_named(store: FileStore, content: str) -> None:
    run_id = start(store).info.run_id
    (store.root / "0" / run_id / "meta.yaml").write_text(content)
    with pytest.raises(StoreFailure, match=rf"{run_id}.meta\.yaml"):
        store.get_run(run_id)


def test_a_run_that_was_not_finished_writing_is_none(store: FileStore) -> None:
    run_id = start(store).info.run_id
    (store.root / "0" / run_id / "meta.yaml").unlink()
    assert not store.search_runs(["0"])
    with pytest.raises(NotInStore):
        store.get_run(run_id)
