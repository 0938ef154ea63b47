"""Databases that MLflow wrote, of two releases and of older schemas: read, and never changed."""

from __future__ import annotations

import math
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mlpack.client import Client
from mlpack.errors import InvalidArgument, MissingFramework, NotInStore, StoreFailure
from mlpack.stores.sql import SqlStore
from mlpack.stores.sql.database import OtherDatabase

DUMPS = Path(__file__).parents[1] / "data" / "stores"
RELEASES = ("mlflow-3.17.2", "mlflow-2.22.5")
ALL = ["0", "1", "2"]


class ThroughSqlAlchemy(SqlStore):
    """The same file, read in the way of all other databases."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self._database = OtherDatabase(uri)


@pytest.fixture(params=RELEASES)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return restored(request.param, tmp_path)


@pytest.fixture(params=[SqlStore, ThroughSqlAlchemy])
def store(request: pytest.FixtureRequest, file: Path) -> Iterator[SqlStore]:
    opened = request.param(f"sqlite:///{file}")
    yield opened
    if isinstance(opened._database, OtherDatabase):
        opened._database.close()


def restored(release: str, folder: Path) -> Path:
    """A database filled from a dump."""
    path = folder / "mlflow.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((DUMPS / f"{release}.sql").read_text("utf-8"))
    return path


def changed(path: Path, *statements: str) -> SqlStore:
    """The store in a database after some changes."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return SqlStore(f"sqlite:///{path}")


def test_experiments_are_found_by_id_by_name_and_by_being_deleted(store: SqlStore) -> None:
    wine = store.get_experiment("1")
    assert (wine.name, wine.artifact_location, wine.tags) == ("wine", "/srv/mlruns/wine", {"team": "cellar"})
    assert store.get_experiment_by_name("wine") == wine
    assert store.get_experiment_by_name("Wine") is None
    assert {experiment.name for experiment in store.search_experiments()} == {"wine", "Default"}
    assert [experiment.name for experiment in store.search_experiments(deleted=True)] == ["gone"]


def test_a_run_comes_with_its_latest_metrics_params_and_tags(store: SqlStore) -> None:
    first = store.search_runs(ALL)[-1]
    run = store.get_run(first.info.run_id)
    assert run.info == first.info
    assert (run.info.run_name, run.info.user_id, run.info.status) == ("first", "eva", "FINISHED")
    assert (run.info.start_time, run.info.end_time, run.info.experiment_id) == (1000, 1100, "1")
    assert run.info.artifact_uri == f"/srv/mlruns/wine/{run.info.run_id}/artifacts"
    assert (run.data.metrics["acc"], run.data.params) == (0.8, {"depth": "2"})
    assert math.isnan(run.data.metrics["loss"])
    assert run.data.tags["kind"] == "stump"


def test_the_history_of_a_metric_is_whole(store: SqlStore) -> None:
    run_id = store.search_runs(["1"])[0].info.run_id
    assert [(one.step, one.value, one.timestamp) for one in store.get_metric_history(run_id, "acc")] == [
        (0, 0.6, 3009),
        (1, 0.7, 3010),
    ]
    assert math.isnan(store.get_metric_history(run_id, "loss")[0].value)
    assert store.get_metric_history(run_id, "none") == []


def test_runs_are_searched_ordered_and_paged(store: SqlStore) -> None:
    assert names(store, ["1"]) == ["third", "second", "first"]
    assert names(store, ["0", "9", "x"]) == []
    assert names(store, ALL, deleted=True) == ["deleted"]
    assert names(store, ALL, filter_string='tags.kind = "it\'s a tree" AND metrics.acc > 0.8') == ["second"]
    assert names(store, ALL, order_by=["metrics.acc DESC"]) == ["second", "first", "third"]
    page = store.search_runs(ALL, max_results=2)
    assert len(page) == 2
    assert [run.info.run_name for run in store.search_runs(ALL, max_results=2, page_token=page.token)] == ["first"]
    with pytest.raises(InvalidArgument, match="no token of a page"):
        store.search_runs(ALL, page_token="second")  # noqa: S106 - of a page


def names(store: SqlStore, experiments: list[str], **search: object) -> list[str]:
    return [run.info.run_name for run in store.search_runs(experiments, **search)]  # type: ignore[arg-type]


def test_versions_are_found_by_number_alias_and_stage(store: SqlStore) -> None:
    champion = store.get_model_version_by_alias("wine", "champion")
    assert champion == store.get_model_version("wine", "2")
    assert (champion.version, champion.aliases, champion.tags) == ("2", ("champion",), {"n": "2"})
    assert (champion.current_stage, champion.description, champion.status) == ("Production", "no 2", "READY")
    assert [version.version for version in store.get_latest_versions("wine")] == ["1", "3"]
    assert [version.version for version in store.get_latest_versions("wine", ["production"])] == ["3"]
    assert store.get_latest_versions("wine", ["Staging"]) == []


def test_deleted_versions_are_gone(store: SqlStore) -> None:
    assert [version.version for version in store.search_model_versions()] == ["3", "2", "1"]
    with pytest.raises(NotInStore, match="wine/4"):
        store.get_model_version("wine", "4")


def test_registered_models_are_found_with_what_belongs_to_them(store: SqlStore) -> None:
    wine = store.get_registered_model("wine")
    assert (wine.description, wine.tags, wine.aliases) == (
        "Reds and whites",
        {"owner": "eva"},
        {"champion": "2", "old": "1"},
    )
    assert [version.version for version in wine.latest_versions] == ["1", "3"]
    assert [model.name for model in store.search_registered_models()] == ["beer", "wine"]
    assert [model.name for model in store.search_registered_models(filter_string="tags.owner = 'eva'")] == ["wine"]
    assert [found.version for found in store.search_model_versions(filter_string="version_number > 1")] == ["3", "2"]


def test_prompts_of_mlflow_are_not_listed_among_models(store: SqlStore, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        change = "UPDATE registered_model_tags SET key = 'mlflow.prompt.is_prompt', value = 'true' WHERE name = 'wine'"
        connection.execute(change)
    assert [model.name for model in store.search_registered_models()] == ["beer"]
    asked = "tags.`mlflow.prompt.is_prompt` = 'true'"
    assert [model.name for model in store.search_registered_models(filter_string=asked)] == ["wine"]


def test_logged_models_are_found_where_the_release_has_them(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{restored(RELEASES[0], tmp_path)}")
    (model,) = store.search_logged_models(ALL, name="model")
    assert store.get_logged_model(model.model_id) == model
    assert (model.status, model.model_type, model.params, model.tags) == (
        "READY", "tree", {"depth": "4"}, {"note": "good"},
    )  # fmt: skip
    assert {(found.name, found.status) for found in store.search_logged_models(ALL)} == {
        ("model", "READY"),
        ("half", "PENDING"),
    }
    version = store.get_model_version("wine", "2")
    assert (version.source, version.model_id) == (model.model_uri, model.model_id)
    assert version.storage_location == model.artifact_location


def test_a_release_without_logged_models_has_none(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{restored(RELEASES[1], tmp_path)}")
    assert store.search_logged_models(ALL) == []
    with pytest.raises(NotInStore, match="logged model"):
        store.get_logged_model("m-" + "0" * 32)


def test_schemas_before_aliases_and_storage_locations_are_read(tmp_path: Path) -> None:
    store = changed(
        restored(RELEASES[1], tmp_path),
        "DROP TABLE registered_model_aliases",
        "ALTER TABLE model_versions DROP COLUMN storage_location",
        "ALTER TABLE experiments DROP COLUMN creation_time",
    )
    assert store.get_model_version("wine", "2").storage_location is None
    assert store.get_registered_model("wine").aliases == {}
    assert store.get_experiment("1").creation_time is None
    with pytest.raises(NotInStore, match="alias"):
        store.get_model_version_by_alias("wine", "champion")


def test_what_belongs_to_another_workspace_is_not_seen(tmp_path: Path) -> None:
    store = changed(
        restored(RELEASES[0], tmp_path),
        "UPDATE registered_models SET workspace = 'b' WHERE name = 'beer'",
        "UPDATE model_versions SET workspace = 'b' WHERE version = 3",
    )
    assert [model.name for model in store.search_registered_models()] == ["wine"]
    assert [version.version for version in store.get_latest_versions("wine")] == ["1", "2"]


ABSENT: list[Callable[[SqlStore], object]] = [
    lambda store: store.get_experiment("7"),
    lambda store: store.get_experiment("x"),
    lambda store: store.get_run("0" * 32),
    lambda store: store.get_metric_history("0" * 32, "acc"),
    lambda store: store.get_registered_model("cider"),
    lambda store: store.get_model_version("wine", "9"),
    lambda store: store.get_model_version("wine", "two"),
    lambda store: store.get_model_version_by_alias("wine", "none"),
    lambda store: store.get_latest_versions("cider"),
]


@pytest.mark.parametrize("ask", ABSENT)
def test_what_is_not_there_is_said_to_be_not_there(ask: Callable[[SqlStore], object], store: SqlStore) -> None:
    with pytest.raises(NotInStore):
        ask(store)


def test_files_of_a_run_are_found_beside_a_database_that_was_moved(file: Path) -> None:
    client = Client(f"sqlite:///{file}")
    (run,) = client.search_runs(["1"], "run_name = 'first'")
    path = file.parent / "mlruns" / "wine" / run.info.run_id / "artifacts" / "notes.txt"
    path.parent.mkdir(parents=True)
    path.write_text("hello")
    assert [found.path for found in client.list_artifacts(run.info.run_id)] == ["notes.txt"]
    assert client.download_artifacts(run.info.run_id, "notes.txt") == str(path)


def test_a_database_is_not_written_and_the_way_to_write_is_shown(store: SqlStore, file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(StoreFailure, match="only read here") as caught:
        store.create_registered_model("new")
    assert f"mlflow server --backend-store-uri sqlite:///{file} " in caught.value.tip
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreFailure, match="there is no database"):
        SqlStore(f"sqlite:///{tmp_path}/none.db").search_experiments()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("hello " * 100)
    with pytest.raises(StoreFailure, match=r"text\.db cannot be read"):
        SqlStore(f"sqlite:///{tmp_path}/text.db").search_experiments()


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_a_database_with_a_log_of_writes_is_read_in_a_folder_that_is_read_only() -> None:
    nobody, me = 65534, os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        file = restored("mlflow-3.17.2", Path(name))
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        Path(name).chmod(0o555)
        if me == 0:
            os.seteuid(nobody)
        try:
            store = SqlStore(f"sqlite:///{file}")
            assert store.get_experiment("0").name == "Default"
            assert [path.name for path in Path(name).iterdir()] == ["mlflow.db"]
        finally:
            os.seteuid(me)
            Path(name).chmod(0o755)


def test_a_path_with_signs_of_uris_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "a b%41#c"
    folder.mkdir()
    file = restored(RELEASES[0], folder)
    assert SqlStore(f"sqlite:///{file}").get_registered_model("wine").name == "wine"


def test_a_relative_path_is_one_from_the_current_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    store = SqlStore("sqlite:///mlflow.db")
    monkeypatch.chdir("/")
    assert store.get_registered_model("wine").name == "wine"


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///", "sqlite://host/file.db", "sqlite:///:memory:"])
def test_a_uri_that_names_no_file_is_refused(uri: str) -> None:
    with pytest.raises(InvalidArgument, match="names no file"):
        SqlStore(uri)


def test_a_database_that_cannot_be_reached_is_named_without_its_password() -> None:
    try:
        store = SqlStore("postgresql://eva:geheim@127.0.0.1:1/mlflow")
    except MissingFramework as missing:
        assert "psycopg" in missing.message
    else:
        with pytest.raises(StoreFailure, match=r"eva:\*\*\*@127") as caught:
            store.search_experiments()
        assert "geheim" not in repr(caught.value)
