"""Running tracking servers of both releases: what each side writes the other finds, and the database says the same."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from mlpack.entities import Metric
from mlpack.errors import AlreadyInStore, InvalidArgument, NotInStore
from mlpack.stores.base import NoLoggedModels
from mlpack.stores.rest import RestStore
from mlpack.stores.sql import SqlStore
from tests.interop.conftest import Mlflow
from tests.interop.environments import MLFLOWS
from tests.interop.tracking import DATABASE, script, tracking_server

#: What MLflow is asked about the things that mlpack wrote.
TOLD_BY_MLFLOW = """
import json, mlflow
client = mlflow.MlflowClient()
run, = client.search_runs([client.get_experiment_by_name("ours").experiment_id])
champion = client.get_model_version_by_alias("ours", "champion")
print(json.dumps({
    "name": run.info.run_name, "status": run.info.status, "times": [run.info.start_time, run.info.end_time],
    "metrics": {key: repr(value) for key, value in run.data.metrics.items()},
    "history": len(client.get_metric_history(run.info.run_id, "acc")),
    "params": len(run.data.params), "tag": run.data.tags["kind"],
    "champion": [champion.version, champion.source, champion.description, champion.tags, champion.current_stage],
    "model": client.get_registered_model("ours").description,
}))
"""
#: What MLflow writes for mlpack to find.
WRITTEN_BY_MLFLOW = """
import mlflow
from mlflow.entities import Metric
mlflow.set_experiment("theirs")
class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input
for depth in (2, 3):
    with mlflow.start_run(run_name=f"depth {depth}"):
        mlflow.log_params({"depth": depth, "kind": "it's a tree"})
        mlflow.log_metrics({"acc": depth / 10, "loss": float("nan")}, step=depth)
        mlflow.set_tag("mlflow.note.content", "a note")
        mlflow.pyfunc.log_model("model", python_model=Echo(), registered_model_name="theirs", pip_requirements=[])
client = mlflow.MlflowClient()
client.set_registered_model_alias("theirs", "champion", "1")
client.transition_model_version_stage("theirs", "2", "Staging")
client.set_model_version_tag("theirs", "1", "checked", "yes")
client.update_registered_model("theirs", "a description")
"""


@dataclass(frozen=True)
class Running:
    """A server, the database behind it, and MLflow of its release."""

    release: str
    uri: str
    database: str
    mlflow: Mlflow

    def run(self, source: str) -> str:
        """What a script of MLflow's prints that works with this server."""
        return script(self.mlflow.python, self.uri, source, self.mlflow.folder / "script")

    @property
    def has_logged_models(self) -> bool:
        """Since MLflow 3."""
        return self.release.startswith("3")


@pytest.fixture(scope="module", params=MLFLOWS)
def server(
    request: pytest.FixtureRequest, mlflow: Callable[[str], Mlflow], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    release: str = request.param
    folder = tmp_path_factory.mktemp(f"server-{release}")
    with tracking_server(mlflow(release).python, folder) as uri:
        yield Running(release, uri, f"sqlite:///{folder / DATABASE}", mlflow(release))


def test_what_we_write_mlflow_finds(server: Running) -> None:
    store = RestStore(server.uri)
    experiment = store.create_experiment("ours", tags={"team": "cellar"})
    run = store.create_run(experiment, run_name="first", user_id="eva", start_time=1000, tags={"kind": "töst"})
    run_id = run.info.run_id
    metrics = [Metric("acc", step / 2500, 1000 + step, step) for step in range(2500)]
    odd = [Metric("nan", math.nan, 1), Metric("inf", -math.inf, 1)]
    store.log_batch(run_id, metrics=[*metrics, *odd], params={f"p{number}": "v" for number in range(250)})
    store.update_run(run_id, status="FINISHED", end_time=2000, run_name="renamed")
    store.create_registered_model("ours", description="a model", tags={"a": "b"})
    source = f"{run.info.artifact_uri}/model"
    for number in (1, 2):
        store.create_model_version("ours", source, run_id=run_id, description=f"no {number}", tags={"n": str(number)})
    store.set_registered_model_alias("ours", "champion", "2")
    store.transition_model_version_stage("ours", "2", "Production")
    assert json.loads(server.run(TOLD_BY_MLFLOW)) == {
        "name": "renamed",
        "status": "FINISHED",
        "times": [1000, 2000],
        # A database has no infinity; MLflow puts the largest number there.
        "metrics": {"acc": repr(2499 / 2500), "nan": "nan", "inf": "-1.7976931348623157e+308"},
        "history": 2500,
        "params": 250,
        "tag": "töst",
        "champion": ["2", source, "no 2", {"n": "2"}, "Production"],
        "model": "a model",
    }


def test_what_mlflow_writes_is_found_on_the_server_and_in_its_database(server: Running) -> None:
    server.run(WRITTEN_BY_MLFLOW)
    rest, sql = RestStore(server.uri), SqlStore(server.database)
    experiment = rest.get_experiment_by_name("theirs")
    assert experiment is not None
    assert sql.get_experiment(experiment.experiment_id) == experiment
    runs = rest.search_runs(
        [experiment.experiment_id], filter_string="params.kind LIKE 'it_s%'", order_by=["metrics.acc"]
    )
    assert [run.info.run_name for run in runs] == ["depth 2", "depth 3"]
    for run in runs:
        assert math.isnan(run.data.metrics["loss"])
        found = sql.get_run(run.info.run_id)
        assert (found.info, found.data.params, found.data.tags) == (run.info, run.data.params, run.data.tags)
        assert sql.get_metric_history(run.info.run_id, "acc") == rest.get_metric_history(run.info.run_id, "acc")
    version = rest.get_model_version_by_alias("theirs", "champion")
    assert (version.version, version.tags, version.aliases) == ("1", {"checked": "yes"}, ("champion",))
    assert version.storage_location is not None
    assert version.storage_location.startswith("mlflow-artifacts:/")
    assert sql.get_model_version_by_alias("theirs", "champion") == version
    assert sql.get_latest_versions("theirs") == sorted(
        rest.get_latest_versions("theirs"), key=lambda found: found.version
    )
    assert sql.get_latest_versions("theirs", ["staging"]) == [rest.get_model_version("theirs", "2")]
    in_both = [replace(store.get_registered_model("theirs"), latest_versions=()) for store in (rest, sql)]
    assert in_both[0] == in_both[1]
    assert rest.search_logged_models([experiment.experiment_id]) == sql.search_logged_models([experiment.experiment_id])


def test_logged_models_are_announced_finished_and_tied_to_their_run(server: Running) -> None:
    store = RestStore(server.uri)
    experiment = store.create_experiment("logged")
    run_id = store.create_run(experiment, run_name="r", user_id="eva", start_time=1, tags={}).info.run_id
    if not server.has_logged_models:
        assert store.search_logged_models([experiment], name="model") == []
        with pytest.raises(NoLoggedModels):
            store.create_logged_model(experiment, "model", source_run_id=run_id)
        return
    params = {f"p{number}": "v" for number in range(150)}
    model = store.create_logged_model(experiment, "model", source_run_id=run_id, params=params, tags={"a": "b"})
    assert model.status == "PENDING"
    store.set_logged_model_tags(model.model_id, {"c": "d"})
    finished = store.finalize_logged_model(model.model_id, "READY")
    assert (finished.status, finished.tags) == ("READY", {"a": "b", "c": "d"})
    assert store.get_logged_model(model.model_id).params == params
    assert store.search_logged_models([experiment], name="model") == [store.get_logged_model(model.model_id)]
    outputs = f"import mlflow; print(mlflow.get_run({run_id!r}).outputs.model_outputs[0].model_id)"
    assert server.run(outputs).strip() == model.model_id
    store.create_registered_model("logged")
    version = store.create_model_version("logged", model.model_uri, run_id=run_id, model_id=model.model_id)
    assert (version.model_id, version.storage_location) == (model.model_id, model.artifact_location)


def test_what_is_changed_and_deleted_is_so(server: Running) -> None:
    store = RestStore(server.uri)
    run = store.create_run("0", run_name="r", user_id="eva", start_time=1, tags={"a": "b"})
    store.delete_tag(run.info.run_id, "a")
    assert "a" not in store.get_run(run.info.run_id).data.tags
    store.set_run_lifecycle(run.info.run_id, "deleted")
    assert [len(store.search_runs(["0"], deleted=deleted)) for deleted in (False, True)] == [0, 1]
    store.set_run_lifecycle(run.info.run_id, "active")
    store.create_registered_model("old")
    source = f"{run.info.artifact_uri}/model"
    for _ in range(2):
        store.create_model_version("old", source, run_id=run.info.run_id)
    store.set_registry_tag("old", "a", "b")
    store.set_registry_tag("old", "c", "d", version="1")
    store.update_model_version("old", "1", description="first")
    assert store.rename_registered_model("old", "new").name == "new"
    assert store.update_registered_model("new", description="text").tags == {"a": "b"}
    store.delete_registry_tag("new", "a")
    store.delete_registry_tag("new", "c", version="1")
    store.set_registered_model_alias("new", "champion", "1")
    store.delete_registered_model_alias("new", "champion")
    store.delete_registered_model_alias("new", "champion")
    store.delete_model_version("new", "2")
    (version,) = store.search_model_versions(filter_string="name = 'new'")
    assert (version.version, version.description, version.tags, version.aliases) == ("1", "first", {}, ())
    store.delete_registered_model("new")
    assert store.search_registered_models(filter_string="name = 'new'") == []


FILTERS = [
    "",
    "metrics.acc > 0.3 AND metrics.acc <= 0.5",
    "metrics.acc != 0.4",
    "metrics.`val acc` >= -1e-1",
    "params.kind LIKE 'Tree%' and params.depth != '3'",
    "params.kind ILIKE 'tree_%'",
    'params.kind = "it\'s"',
    "tags.owner IS NULL",
    "tags.owner IS NOT NULL AND params.depth = '2'",
    "tags.`my tag` = 'x'",
    "attributes.run_name = 'run 1' AND status = 'FINISHED'",
    "run_name != 'run 1'",
    "start_time >= 102 AND start_time < 104",
    "end_time = 200",
    "attributes.status != 'RUNNING'",
    "user_id LIKE 'ev%'",
]
ORDERS = [
    [],
    ["metrics.acc DESC"],
    ["metrics.acc ASC"],
    ["params.kind", "start_time ASC"],
    ["tags.owner DESC"],
    ["attributes.run_name DESC"],
    ["metrics.odd"],
    ["metrics.odd DESC"],
]


def test_filters_and_orders_mean_to_us_what_they_mean_to_mlflow(server: Running) -> None:
    rest, sql = RestStore(server.uri), SqlStore(server.database)
    experiment = rest.create_experiment("searched")
    for number in range(6):
        run = rest.create_run(experiment, run_name=f"run {number}", user_id="eva", start_time=100 + number, tags={})
        odd = [Metric("odd", (math.nan, 1.0, -1.0)[number % 3], 1)] if number < 4 else []
        metrics = [Metric("acc", number / 10, 1), Metric("val acc", -number / 10, 1), *odd]
        kind = ("Tree a", "tree b", "it's")[number % 3]
        tags = {"owner": f"o{number}", "my tag": "x"} if number % 2 else {}
        rest.log_batch(run.info.run_id, metrics=metrics, params={"kind": kind, "depth": str(number)}, tags=tags)
        if number > 3:
            rest.update_run(run.info.run_id, status="FINISHED", end_time=200)
    known = [text for text in FILTERS if "NULL" not in text or server.release.startswith("3")]
    for order_by in ORDERS:
        for text in known:
            theirs, ours = (
                [run.info.run_name for run in store.search_runs([experiment], filter_string=text, order_by=order_by)]
                for store in (rest, sql)
            )
            assert ours == theirs, (text, order_by)


ABSENT: list[Callable[[RestStore], object]] = [
    lambda store: store.get_experiment("999"),
    lambda store: store.get_run("0" * 32),
    lambda store: store.get_logged_model("m-" + "0" * 32),
    lambda store: store.get_registered_model("none"),
    lambda store: store.get_model_version("none", "1"),
    lambda store: store.get_model_version_by_alias("none", "a"),
    lambda store: store.delete_registered_model("none"),
    lambda store: store.set_registered_model_alias("none", "a", "1"),
]


def test_what_is_not_there_is_said_to_be_not_there(server: Running) -> None:
    store = RestStore(server.uri)
    assert store.get_experiment_by_name("none") is None
    for ask in ABSENT:
        with pytest.raises(NotInStore):
            ask(store)


def test_what_a_server_refuses_is_refused_in_its_words(server: Running) -> None:
    store = RestStore(server.uri)
    with pytest.raises(AlreadyInStore):
        store.create_experiment("Default")
    run_id = store.create_run("0", run_name="r", user_id="eva", start_time=1, tags={}).info.run_id
    store.log_batch(run_id, params={"a": "1"})
    with pytest.raises(InvalidArgument, match="Changing param values is not allowed"):
        store.log_batch(run_id, params={"a": "2"})
    with pytest.raises(InvalidArgument, match="Invalid clause"):
        store.search_runs(["0"], filter_string="a b c")
