from __future__ import annotations

from pathlib import Path

import pytest

import mlpack
from mlpack.client import Client, MlpackClient, ViewType
from mlpack.entities import Metric, Param, RunTag
from mlpack.errors import AlreadyInStore, InvalidArgument, NotInStore

MISSING = "0" * 32


def test_a_password_is_not_shown() -> None:
    assert "geheim" not in repr(Client("http://eva:geheim@127.0.0.1:9"))


def test_runs_are_made_changed_and_ended_by_their_ids(client: Client) -> None:
    run = client.create_run("0", tags={"kind": 1}, run_name="first", start_time=5)
    client.log_batch(run.info.run_id, [Metric("loss", 0.5, 1, 2)], {"depth": 3}, {"team": "red"})
    client.log_metric(run.info.run_id, "loss", 0.25, step=3)
    client.set_tag(run.info.run_id, "mood", "good")
    client.delete_tag(run.info.run_id, "team")
    client.update_run(run.info.run_id, name="renamed")
    client.set_terminated(run.info.run_id, "KILLED", end_time=9)
    found = client.get_run(run.info.run_id)
    assert (found.info.run_name, found.info.status, found.info.start_time, found.info.end_time) == (
        "renamed",
        "KILLED",
        5,
        9,
    )
    assert (found.data.metrics, found.data.params) == ({"loss": 0.25}, {"depth": "3"})
    assert found.data.tags == {"kind": "1", "mood": "good", "mlflow.runName": "renamed"}


def test_a_run_without_a_name_gets_one(client: Client) -> None:
    named = [client.create_run("0").info.run_name for _ in range(2)]
    assert all(len(name.split("-")) == 3 for name in named)
    assert client.create_run("0", tags={"mlflow.runName": "given"}).info.run_name == "given"


def test_searches_come_in_pages(client: Client) -> None:
    made = [client.create_run("0", start_time=number).info.run_id for number in range(5)]
    first = client.search_runs(["0"], max_results=3)
    second = client.search_runs(["0"], max_results=3, page_token=first.token)
    assert [run.info.run_id for run in (*first, *second)] == made[::-1]
    assert second.token is None
    client.delete_run(made[0])
    assert [run.info.run_id for run in client.search_runs(["0"], run_view_type=ViewType.DELETED_ONLY)] == [made[0]]
    assert [run.info.run_id for run in client.search_runs(["0"], run_view_type=ViewType.ALL)] == made[::-1]


def test_a_script_may_log_a_batch_as_mlflow_has_it(client: Client) -> None:
    run = client.create_run("0").info.run_id
    client.log_batch(run, [], [Param("depth", "3")], [RunTag("team", "red")], synchronous=True)
    client.log_metric(run, "loss", 0.5, synchronous=False)
    client.set_terminated(run, None)
    found = client.get_run(run)
    assert (found.data.params, found.data.tags["team"]) == ({"depth": "3"}, "red")
    assert (found.data.metrics, found.info.status) == ({"loss": 0.5}, "FINISHED")


def test_experiments_are_searched_by_name_and_tag_and_ordered(client: Client) -> None:
    for name in ("iris 1", "iris 2", "wine"):
        client.create_experiment(name, tags={"kind": name[:4]})
    found = client.search_experiments(filter_string="tags.kind = 'iris'", order_by=["name DESC"])
    assert [one.name for one in found] == ["iris 2", "iris 1"]
    first = client.search_experiments(ViewType.ALL, 1, "name LIKE 'iris%'", ["name"])
    second = client.search_experiments(ViewType.ALL, 1, "name LIKE 'iris%'", ["name"], first.token)
    assert [one.name for one in first + second] == ["iris 1", "iris 2"]
    assert second.token is None


def test_models_and_versions_are_ordered_and_come_in_pages(client: Client) -> None:
    for name in ("a", "b", "c"):
        client.create_registered_model(name)
        client.create_model_version(name, "s3://bucket/x", None, None, "http://link", "text", 300)
    first = client.search_registered_models(max_results=2, order_by=["name DESC"])
    second = client.search_registered_models(None, 2, ["name DESC"], first.token)
    assert ([one.name for one in first], [one.name for one in second]) == (["c", "b"], ["a"])
    versions = client.search_model_versions(None, 2, ["name ASC"])
    versions += client.search_model_versions(None, 2, ["name ASC"], versions.token)
    assert [one.name for one in versions] == ["a", "b", "c"]
    assert {(one.run_link, one.description) for one in versions} == {("http://link", "text")}


def test_only_what_is_there_and_what_is_a_word_is_taken(client: Client) -> None:
    run = client.create_run("0")
    with pytest.raises(NotInStore):
        client.get_run(MISSING)
    with pytest.raises(NotInStore):
        client.create_run("77")
    with pytest.raises(InvalidArgument, match="unknown status"):
        client.set_terminated(run.info.run_id, "DONE")
    with pytest.raises(InvalidArgument, match="view type 4"):
        client.search_runs(["0"], run_view_type=4)


def test_models_are_registered_described_tagged_and_renamed(client: Client) -> None:
    client.create_registered_model("iris", tags={"team": 7}, description="flowers")
    with pytest.raises(AlreadyInStore):
        client.create_registered_model("iris")
    client.set_registered_model_tag("iris", "mood", "good")
    client.delete_registered_model_tag("iris", "team")
    client.update_registered_model("iris", "more flowers")
    client.rename_registered_model("iris", "flowers")
    found = client.get_registered_model("flowers")
    assert (found.description, found.tags) == ("more flowers", {"mood": "good"})
    assert [one.name for one in client.search_registered_models("name LIKE 'flow%'")] == ["flowers"]
    client.delete_registered_model("flowers")
    with pytest.raises(NotInStore):
        client.get_registered_model("flowers")


def test_versions_have_aliases_stages_and_tags_of_their_own(client: Client) -> None:
    client.create_registered_model("iris")
    first, second = (client.create_model_version("iris", "s3://bucket/a", tags={"n": n}) for n in (1, 2))
    client.set_registered_model_alias("iris", "champion", 1)
    client.set_registered_model_alias("iris", "champion", second.version)
    assert client.get_model_version_by_alias("iris", "champion").version == "2"
    client.delete_registered_model_alias("iris", "champion")
    with pytest.raises(NotInStore):
        client.get_model_version_by_alias("iris", "champion")
    client.set_model_version_tag("iris", 1, "checked", True)
    client.delete_model_version_tag("iris", 1, "n")
    client.update_model_version("iris", 1, "the first")
    found = client.get_model_version("iris", 1)
    assert (found.tags, found.description, first.version) == ({"checked": "True"}, "the first", "1")
    assert client.get_model_version_download_uri("iris", 2) == "s3://bucket/a"


def test_versions_move_through_stages(client: Client) -> None:
    client.create_registered_model("iris")
    for _ in range(3):
        client.create_model_version("iris", "s3://bucket/a")
    client.transition_model_version_stage("iris", 1, "Production")
    client.transition_model_version_stage("iris", 2, "production", archive_existing_versions=True)
    assert {one.current_stage: one.version for one in client.get_latest_versions("iris")} == {
        "Archived": "1",
        "Production": "2",
        "None": "3",
    }
    assert [one.version for one in client.get_latest_versions("iris", ["Production"])] == ["2"]
    client.delete_model_version("iris", 3)
    assert [one.version for one in client.search_model_versions("name = 'iris'")] == ["2", "1"]


def test_logged_models_are_pending_until_they_are_said_to_be_ready(client: Client) -> None:
    run = client.create_run("0")
    made = client.create_logged_model("0", "model", run.info.run_id, {"kind": 1}, {"depth": 3}, "tree")
    assert (made.status, made.params, made.model_type) == ("PENDING", {"depth": "3"}, "tree")
    client.set_logged_model_tags(made.model_id, {"mood": "good"})
    assert client.finalize_logged_model(made.model_id, "READY").status == "READY"
    assert client.get_logged_model(made.model_id).tags == {"kind": "1", "mood": "good"}
    assert [one.model_id for one in client.search_logged_models(["0"], name="model")] == [made.model_id]


def test_a_registry_may_be_apart_from_the_runs(client: Client, tmp_path: Path) -> None:
    runs, registry = (tmp_path / "runs").as_uri(), (tmp_path / "registry").as_uri()
    apart = MlpackClient(runs, registry)
    assert (apart.tracking_uri, apart.registry_uri) == (runs, registry)
    apart.create_registered_model("iris")
    assert (tmp_path / "registry" / "models" / "iris").is_dir()
    assert not (tmp_path / "runs").exists()
    mlpack.set_registry_uri(registry)
    assert [one.name for one in Client().search_registered_models()] == ["iris"]
    assert Client(runs).registry_uri == registry
