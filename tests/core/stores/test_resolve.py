"""Every URI of a package as the folder it leads to: in a store on this machine, moved, or with files elsewhere."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlpack.entities import LoggedModel, ModelVersion, Run
from mlpack.errors import InvalidArgument, NotInStore, PackageNotFound
from mlpack.stores import cache, called, pinned, resolve, resolve_to_edit
from mlpack.stores.base import Store
from mlpack.stores.configured import tracking_store
from tests.core.stores.web_server import serving

NOW = 1_700_000_000_000


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLPACK_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLPACK_TRACKING_URI", str(tmp_path / "mlruns"))
    monkeypatch.setenv("MLPACK_CACHE_ROOT", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_in_use", {})
    yield


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return tracking_store(str(tmp_path / "mlruns"))


@pytest.fixture
def run(store: Store) -> Run:
    experiment = store.create_experiment("of the test")
    return store.create_run(experiment, run_name="one", user_id="me", start_time=NOW, tags={})


def local(uri: str) -> Path:
    return Path(uri.removeprefix("file://"))


def package(folder: Path, said: str = "flavors: {}\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MLmodel").write_text(said)
    return folder


def logged(store: Store, run: Run, name: str = "model") -> LoggedModel:
    model = store.create_logged_model(run.info.experiment_id, name, source_run_id=run.info.run_id)
    package(local(model.artifact_location))
    return store.finalize_logged_model(model.model_id, "READY")


def registered(store: Store, source: str, name: str = "iris") -> ModelVersion:
    if name not in [model.name for model in store.search_registered_models()]:
        store.create_registered_model(name)
    return store.create_model_version(name, source)


def test_a_package_below_a_run_is_used_in_place(store: Store, run: Run) -> None:
    folder = package(local(run.info.artifact_uri) / "nested" / "model")
    assert resolve(f"runs:/{run.info.run_id}/nested/model") == folder


def test_a_logged_model_of_a_run_is_used_in_place(store: Store, run: Run) -> None:
    model = logged(store, run)
    assert resolve(f"runs:/{run.info.run_id}/model") == local(model.artifact_location)
    assert resolve(f"models:/{model.model_id}") == local(model.artifact_location)


def test_a_folder_within_a_model_is_a_package_of_its_own(store: Store, run: Run) -> None:
    model = logged(store, run)
    inner = package(local(model.artifact_location) / "parts" / "one")
    assert resolve(f"runs:/{run.info.run_id}/model/parts/one") == inner
    assert resolve(f"models:/{model.model_id}/parts/one") == inner


def test_a_logged_model_of_another_run_is_not_taken(store: Store, run: Run) -> None:
    other = store.create_run(run.info.experiment_id, run_name="two", user_id="me", start_time=NOW, tags={})
    logged(store, other)
    with pytest.raises(PackageNotFound):
        resolve(f"runs:/{run.info.run_id}/model")


def test_files_of_a_logged_model_lie_over_those_of_the_run(store: Store, run: Run) -> None:
    logged(store, run)
    (package(local(run.info.artifact_uri) / "model", "of the run") / "notes").write_text("of the run")
    folder = resolve(f"runs:/{run.info.run_id}/model")
    assert (folder / "MLmodel").read_text() == "flavors: {}\n"
    assert (folder / "notes").read_text() == "of the run"


@pytest.mark.parametrize("which", ["/1", "/latest", "/Latest", "/production", "@champion"])
def test_every_way_to_name_a_version_leads_to_its_package(store: Store, run: Run, which: str) -> None:
    model = logged(store, run)
    registered(store, f"models:/{model.model_id}")
    store.set_registered_model_alias("iris", "champion", "1")
    store.transition_model_version_stage("iris", "1", "Production")
    assert resolve(f"models:/iris{which}") == local(model.artifact_location)


def test_latest_is_the_highest_number(store: Store, run: Run) -> None:
    folders = [package(local(run.info.artifact_uri) / f"m{number}") for number in range(11)]
    for folder in folders:
        registered(store, folder.as_uri())
    store.transition_model_version_stage("iris", "3", "Production")
    assert resolve("models:/iris/latest") == folders[-1]
    assert resolve("models:/iris/production") == folders[2]


def test_an_alias_that_moves_leads_elsewhere_at_once(store: Store, run: Run) -> None:
    folders = [package(local(run.info.artifact_uri) / name) for name in ("a", "b")]
    for number, folder in enumerate(folders, start=1):
        registered(store, folder.as_uri())
        store.set_registered_model_alias("iris", "champion", str(number))
        assert resolve("models:/iris@champion") == folder


def test_a_version_that_names_a_run_leads_to_its_package(store: Store, run: Run) -> None:
    folder = package(local(run.info.artifact_uri) / "model")
    registered(store, f"runs:/{run.info.run_id}/model")
    assert resolve("models:/iris/1") == folder


@pytest.mark.parametrize("which", ["runs:/{0}/model", "models:/iris/1", "models:/nothing/latest", "models:/iris@gone"])
def test_what_is_not_in_the_store_is_said(store: Store, run: Run, which: str) -> None:
    registered(store, package(local(run.info.artifact_uri) / "m").as_uri())
    store.delete_model_version("iris", "1")
    with pytest.raises(NotInStore):
        resolve(which.format("0" * 32))


def test_a_store_that_was_moved_is_read_where_it_is_now(
    store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = logged(store, run)
    package(local(run.info.artifact_uri) / "old")
    registered(store, f"models:/{model.model_id}")
    (tmp_path / "moved").mkdir()
    (tmp_path / "mlruns").rename(tmp_path / "moved" / "mlruns")
    monkeypatch.setenv("MLPACK_TRACKING_URI", str(tmp_path / "moved" / "mlruns"))
    for uri in (f"runs:/{run.info.run_id}/model", f"runs:/{run.info.run_id}/old", "models:/iris/1"):
        assert resolve(uri).is_relative_to(tmp_path / "moved")


@pytest.fixture
def elsewhere(store: Store, tmp_path: Path) -> Iterator[tuple[Path, Run, LoggedModel]]:
    """A run and a logged model whose files are on a web server, in a folder."""
    folder = tmp_path / "far"
    folder.mkdir()
    with serving(folder) as web:
        experiment = store.create_experiment("far", artifact_location=web.uri)
        run = store.create_run(experiment, run_name="one", user_id="me", start_time=NOW, tags={})
        model = store.create_logged_model(experiment, "model", source_run_id=run.info.run_id)
        package(folder / model.artifact_location.removeprefix(web.uri).strip("/"))
        yield folder, run, store.finalize_logged_model(model.model_id, "READY")


def test_what_can_never_change_is_fetched_once_even_when_its_server_is_gone(
    store: Store, elsewhere: tuple[Path, Run, LoggedModel]
) -> None:
    folder, run, model = elsewhere
    store.update_run(run.info.run_id, status="FINISHED")
    registered(store, f"models:/{model.model_id}")
    uris = [f"runs:/{run.info.run_id}/model", f"models:/{model.model_id}", "models:/iris/1"]
    first = [resolve(uri) for uri in uris]
    for path in folder.iterdir():
        path.rename(folder.parent / path.name)
    assert [resolve(uri) for uri in uris] == first
    assert {path.is_relative_to(folder.parent / "cache") for path in first} == {True}


def test_files_of_a_run_that_goes_on_are_looked_at_anew(store: Store, elsewhere: tuple[Path, Run, LoggedModel]) -> None:
    folder, run, _ = elsewhere
    uri = f"runs:/{run.info.run_id}/model"
    first = resolve(uri)
    next(folder.rglob("MLmodel")).write_text("flavors: {other: {}}\n")
    assert "other" in (resolve(uri) / "MLmodel").read_text()
    assert "other" not in (first / "MLmodel").read_text()


def test_files_of_a_run_that_has_ended_are_looked_at_anew(
    store: Store, elsewhere: tuple[Path, Run, LoggedModel]
) -> None:
    folder, run, _ = elsewhere
    store.update_run(run.info.run_id, status="FINISHED")
    below = package(folder / run.info.run_id / "artifacts" / "old")
    uri = f"runs:/{run.info.run_id}/old"
    assert "other" not in (resolve(uri) / "MLmodel").read_text()
    package(below, "flavors: {other: {}}\n")
    assert "other" in (resolve(uri) / "MLmodel").read_text()


def test_a_version_of_a_moved_database_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    dump = pytestconfig.rootpath / "tests" / "core" / "data" / "stores" / "mlflow-3.17.2.sql"
    database = tmp_path / "mlflow.db"
    with sqlite3.connect(database) as connection:
        connection.executescript(dump.read_text())
        location, model_id = connection.execute("SELECT artifact_location, model_id FROM logged_models").fetchone()
    connection.close()
    tail = re.split("/(?:mlruns|mlartifacts)/", location)[1]
    folder = package(tmp_path / "mlruns" / tail)
    monkeypatch.setenv("MLPACK_TRACKING_URI", f"sqlite:///{database}")
    assert resolve(f"models:/{model_id}") == folder


@pytest.mark.parametrize("uri", ["runs:/../x", "models:/a/../b", "models:/a@b?c", "runs:/" + "0" * 32 + "/a/%2e%2e/b"])
def test_names_that_could_mean_something_else_are_refused(uri: str) -> None:
    with pytest.raises(InvalidArgument):
        resolve(uri)


def test_a_package_that_is_elsewhere_cannot_be_changed(elsewhere: tuple[Path, Run, LoggedModel]) -> None:
    _, _, model = elsewhere
    with pytest.raises(InvalidArgument, match="not on this machine"):
        resolve_to_edit(f"models:/{model.model_id}")


def test_what_moves_is_named_for_good_and_by_what_people_call_it(store: Store, run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        registered(store, f"runs:/{run.info.run_id}/model")
    store.set_registered_model_alias("iris", "champion", "1")
    assert pinned("models:/iris@champion/part") == "models:/iris/1/part"
    assert pinned("models:/iris/latest") == "models:/iris/2"
    assert pinned(tmp_path) == tmp_path
    names = {
        "models:/iris/2": ("iris", "2"),
        "models:/m-" + "0" * 32: ("m-" + "0" * 32, ""),
        f"runs:/{run.info.run_id}/model": ("model", ""),
        "s3://bucket/some/model": ("model", ""),
        str(tmp_path / "sub" / ".." / "model"): ("model", ""),
    }
    assert {uri: called(uri) for uri in names} == names
