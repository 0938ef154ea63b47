from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mlpack
from mlpack.client import Client
from mlpack.errors import InvalidArgument, NotInStore


def test_a_run_keeps_what_is_logged_with_no_configuration_at_all(client: Client) -> None:
    with mlpack.start_run(run_name="first", tags={"team": 7}, description="tries") as run:
        assert mlpack.log_param("depth", 3) == 3
        mlpack.log_params({"optimizer/name": "sgd", "rate": 0.5})
        mlpack.log_metrics({"loss": 0.25, "accuracy": np.float32(0.75)})
        mlpack.set_tags({"kind": "trial"})
    found = client.get_run(run.info.run_id)
    assert found.info.status == "FINISHED"
    assert found.data.params == {"depth": "3", "optimizer/name": "sgd", "rate": "0.5"}
    assert found.data.metrics == {"loss": 0.25, "accuracy": 0.75}
    assert {"team": "7", "kind": "trial", "mlflow.runName": "first"}.items() <= found.data.tags.items()
    assert found.data.tags["mlflow.note.content"] == "tries"
    assert Path("mlruns").is_dir()


def test_every_value_of_a_metric_is_kept_with_its_step_and_time(client: Client) -> None:
    with mlpack.start_run() as run:
        for step in range(3):
            mlpack.log_metric("loss", 1 / (step + 1), step=step, timestamp=1000 + step)
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [(one.step, one.timestamp, one.value) for one in history] == [(0, 1000, 1), (1, 1001, 0.5), (2, 1002, 1 / 3)]


def test_arguments_stand_where_mlflow_has_them(client: Client) -> None:
    with pytest.warns(UserWarning, match="not recorded"):
        run = mlpack.start_run(log_system_metrics=True)
    mlpack.log_metric("loss", 0.5, 3, False, 77, run.info.run_id)
    mlpack.log_metrics({"acc": 1}, 4, True, run.info.run_id, 78)
    mlpack.log_params({"a": 1}, True, run.info.run_id)
    mlpack.log_param("b", 2, synchronous=False)
    mlpack.set_tag("t", 1, True)
    mlpack.set_tags({"u": 1}, True)
    mlpack.end_run()
    (found,) = mlpack.search_runs(None, "", 1, 10, None, output_format="list")
    assert [(one.timestamp, one.step) for one in client.get_metric_history(run.info.run_id, "loss")] == [(77, 3)]
    assert [(one.timestamp, one.step) for one in client.get_metric_history(run.info.run_id, "acc")] == [(78, 4)]
    assert found.data.params == {"a": "1", "b": "2"}
    assert {"t": "1", "u": "1"}.items() <= found.data.tags.items()
    assert mlpack.search_experiments(1, 1, "name = 'Default'")[0].experiment_id == "0"


def test_metrics_may_be_infinite_or_no_number(client: Client) -> None:
    with mlpack.start_run() as run:
        mlpack.log_metrics({"worst": math.inf, "none": math.nan, "best": np.array([-np.inf])})
    metrics = client.get_run(run.info.run_id).data.metrics
    assert (metrics["worst"], metrics["best"]) == (math.inf, -math.inf)
    assert math.isnan(metrics["none"])


@pytest.mark.parametrize("value", ["high", None, [1, 2], np.zeros(2), 1j])
def test_a_metric_that_is_not_one_number_is_refused(client: Client, value: object) -> None:
    with mlpack.start_run(), pytest.raises(InvalidArgument, match="the metric 'loss' must be a number"):
        mlpack.log_metric("loss", value)


@pytest.mark.parametrize("key", ["", "../up", "a//b", "a?b", "a\nb", "x" * 251])
def test_a_key_that_could_be_something_else_is_refused(client: Client, key: str) -> None:
    with mlpack.start_run(), pytest.raises(InvalidArgument):
        mlpack.log_param(key, 1)


def test_a_param_cannot_change(client: Client) -> None:
    with mlpack.start_run() as run:
        mlpack.log_param("depth", 3)
        mlpack.log_param("depth", 3)
        with pytest.raises(InvalidArgument):
            mlpack.log_param("depth", 4)
    assert client.get_run(run.info.run_id).data.params == {"depth": "3"}


def test_logging_outside_a_run_starts_one(client: Client) -> None:
    mlpack.log_param("depth", 3)
    run = mlpack.active_run()
    assert run is not None
    mlpack.end_run()
    found = mlpack.last_active_run()
    assert found is not None
    assert (found.info.run_id, found.info.status, found.data.params) == (run.info.run_id, "FINISHED", {"depth": "3"})


def test_an_exception_marks_the_run_failed_and_goes_on(client: Client) -> None:
    with pytest.raises(ZeroDivisionError), mlpack.start_run() as run:
        _ = 1 / 0
    assert client.get_run(run.info.run_id).info.status == "FAILED"
    assert mlpack.active_run() is None


def test_a_nested_run_names_its_parent(client: Client) -> None:
    with mlpack.start_run() as outer:
        with pytest.raises(InvalidArgument, match="is active"):
            mlpack.start_run()
        with mlpack.start_run(nested=True) as inner:
            mlpack.log_param("depth", 3)
        mlpack.log_param("depth", 4)
    parent = mlpack.get_parent_run(inner.info.run_id)
    assert parent is not None
    assert parent.info.run_id == outer.info.run_id
    assert [client.get_run(run.info.run_id).data.params["depth"] for run in (outer, inner)] == ["4", "3"]


def test_a_run_that_ends_ends_what_was_left_open_in_it(client: Client) -> None:
    with mlpack.start_run():
        inner = mlpack.start_run(nested=True)
    assert mlpack.active_run() is None
    assert client.get_run(inner.info.run_id).info.status == "FINISHED"


def test_a_run_can_be_gone_on_with(client: Client) -> None:
    with mlpack.start_run(run_name="first") as run:
        mlpack.log_param("depth", 3)
    with mlpack.start_run(run.info.run_id, tags={"again": True}) as resumed:
        assert client.get_run(run.info.run_id).info.status == "RUNNING"
        mlpack.log_param("rate", 0.5)
    found = client.get_run(run.info.run_id)
    assert resumed.info.run_id == run.info.run_id
    assert (found.info.status, found.info.run_name, found.data.tags["again"]) == ("FINISHED", "first", "True")
    assert found.data.params == {"depth": "3", "rate": "0.5"}


def test_a_deleted_run_cannot_be_gone_on_with_and_can_be_restored(client: Client) -> None:
    with mlpack.start_run() as run:
        pass
    mlpack.delete_run(run.info.run_id)
    with pytest.raises(InvalidArgument, match="is deleted"):
        mlpack.start_run(run.info.run_id)
    assert mlpack.search_runs(output_format="list") == []
    client.restore_run(run.info.run_id)
    assert len(mlpack.search_runs(output_format="list")) == 1


def test_each_thread_has_a_run_of_its_own(client: Client) -> None:
    found: list[str] = []

    def work(name: str) -> None:
        with mlpack.start_run(run_name=name) as run:
            mlpack.log_param("name", name)
            found.append(client.get_run(run.info.run_id).data.params["name"])

    with mlpack.start_run():
        threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found) == ["0", "1", "2", "3"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_forked_process_does_not_end_the_run_of_its_parent(client: Client) -> None:
    script = (
        "import os, sys, mlpack\n"
        "run = mlpack.start_run()\n"
        "if os.fork() == 0:\n"
        "    sys.exit(0 if mlpack.active_run() is None else 1)\n"
        "status = os.wait()[1]\n"
        "print(status, mlpack.get_run(run.info.run_id).info.status)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == ["0", "RUNNING"]


def test_a_run_that_is_active_when_the_process_ends_is_ended(client: Client) -> None:
    script = "import mlpack; print(mlpack.start_run().info.run_id)"
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    found = client.get_run(ran.stdout.strip())
    assert found.info.status == "FINISHED"
    assert found.data.tags["mlflow.source.name"] == "-c"


def test_experiments_are_chosen_by_name_or_id_and_made_where_they_are_missing(client: Client) -> None:
    first = mlpack.set_experiment("first")
    with mlpack.start_run() as run:
        assert run.info.experiment_id == first.experiment_id
    second = mlpack.create_experiment("second", tags={"kind": "trial"})
    assert mlpack.set_experiment(experiment_id=second).tags == {"kind": "trial"}
    assert mlpack.set_experiment("first").experiment_id == first.experiment_id
    assert {one.name for one in mlpack.search_experiments()} == {"Default", "first", "second"}
    with pytest.raises(NotInStore):
        mlpack.set_experiment(experiment_id="77")
    with pytest.raises(InvalidArgument):
        mlpack.set_experiment("first", second)


def test_the_environment_names_the_experiment_and_the_run(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "nightly")
    with mlpack.start_run() as run:
        pass
    found = mlpack.get_experiment_by_name("nightly")
    assert found is not None
    assert found.experiment_id == run.info.experiment_id
    monkeypatch.setenv("MLFLOW_RUN_ID", run.info.run_id)
    with mlpack.start_run() as again:
        assert again.info.run_id == run.info.run_id
    assert "MLFLOW_RUN_ID" not in os.environ


def test_an_experiment_is_not_taken_into_another_store(client: Client, tmp_path: Path) -> None:
    mlpack.set_experiment("first")
    mlpack.set_tracking_uri(tmp_path / "elsewhere")
    with mlpack.start_run() as run:
        assert run.info.experiment_id == "0"
        mlpack.set_tracking_uri(None)
        mlpack.log_param("depth", 3)  # goes where the run is
    assert Client((tmp_path / "elsewhere").as_uri()).get_run(run.info.run_id).data.params == {"depth": "3"}


def test_runs_are_found_as_a_table_with_a_column_for_each_key(client: Client) -> None:
    for depth in (1, 2):
        with mlpack.start_run():
            mlpack.log_param("depth", depth)
            mlpack.log_metric("loss", 1 / depth)
    with mlpack.start_run():
        mlpack.set_tag("empty", "yes")
    table = mlpack.search_runs(order_by=["metrics.loss DESC"])
    assert table["metrics.loss"].tolist()[:2] == [1.0, 0.5]
    assert table["params.depth"].isna().tolist() == [False, False, True]
    assert str(table["start_time"].dtype).endswith("UTC]")
    assert mlpack.search_runs(filter_string="params.depth = '2'")["metrics.loss"].tolist() == [0.5]
    assert len(mlpack.search_runs(max_results=2)) == 2


def test_runs_are_found_in_experiments_by_name_and_in_all(client: Client) -> None:
    for name in ("first", "second"):
        mlpack.set_experiment(name)
        with mlpack.start_run():
            mlpack.set_tag("of", name)
    assert mlpack.search_runs(experiment_names=["first"])["tags.of"].tolist() == ["first"]
    assert len(mlpack.search_runs(search_all_experiments=True, output_format="list")) == 2
    with pytest.raises(NotInStore):
        mlpack.search_runs(experiment_names=["third"])


def test_an_empty_store_answers_with_an_empty_table(client: Client) -> None:
    mlpack.create_experiment("first")
    assert mlpack.search_runs(experiment_names=["first"]).empty


@pytest.mark.parametrize("wrong", [{"filter_string": "nonsense"}, {"order_by": ["nonsense"]}])
def test_a_wrong_search_is_told_where_there_is_nothing_to_search(client: Client, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match="nonsense"):
        mlpack.search_runs(search_all_experiments=True, output_format="list", **wrong)


def test_what_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'log_trace'"):
        _ = mlpack.log_trace
    assert all(hasattr(mlpack, name) for name in mlpack.tracking.__all__)
