"""The registry of a file store: versions, stages, aliases and tags, in the files that MLflow reads and writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from mlpack.errors import AlreadyInStore, InvalidArgument, NotInStore, StoreFailure
from mlpack.stores.file_store import FileStore

#: Keys of the meta.yaml of a version in MLflow 3.17.2.
VERSION_KEYS = [
    *("creation_timestamp", "current_stage", "deployment_job_state", "description", "last_updated_timestamp"),
    *("model_id", "name", "run_id", "run_link", "source", "status", "status_message", "storage_location", "user_id"),
    *("version", "workspace"),
]


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    store = FileStore("mlruns", tmp_path / "mlruns")
    store.create_registered_model("iris", description="flowers", tags={"team": "a"})
    return store


def test_versions_are_numbered_from_one_and_written_as_mlflow_writes_them(store: FileStore) -> None:
    made = [store.create_model_version("iris", f"/models/{at}", tags={"a/b": "c"}) for at in (1, 2)]
    assert [version.version for version in made] == ["1", "2"]
    folder = store.root / "models" / "iris"
    meta = yaml.safe_load((folder / "version-2" / "meta.yaml").read_text())
    assert list(meta) == VERSION_KEYS
    assert (meta["version"], meta["current_stage"], meta["storage_location"]) == (2, "None", "/models/2")
    assert (folder / "version-2/tags/a/b").read_text() == "c"
    assert {path.name for path in folder.iterdir()} == {"meta.yaml", "tags", "version-1", "version-2"}


def test_an_alias_is_a_file_and_in_the_map(store: FileStore) -> None:
    store.create_model_version("iris", "/a")
    store.create_model_version("iris", "/b")
    store.set_registered_model_alias("iris", "champion", "1")
    store.set_registered_model_alias("iris", "champion", "2")
    folder = store.root / "models" / "iris"
    assert (folder / "aliases" / "champion").read_bytes() == b"2"
    assert yaml.safe_load((folder / "meta.yaml").read_text())["aliases"] == {"champion": "2"}
    found = store.get_model_version_by_alias("iris", "champion")
    assert (found.version, found.source, found.aliases) == ("2", "/b", ["champion"])
    store.delete_registered_model_alias("iris", "champion")
    store.delete_registered_model_alias("iris", "champion")
    with pytest.raises(NotInStore):
        store.get_model_version_by_alias("iris", "champion")
    assert store.get_registered_model("iris").aliases == {}


def test_a_logged_model_is_registered_only_when_its_files_are_there(store: FileStore) -> None:
    run_id = store.create_run("0", run_name="r", user_id="me", start_time=1, tags={}).info.run_id
    model = store.create_logged_model("0", "model", source_run_id=run_id)
    with pytest.raises(InvalidArgument, match="PENDING"):
        store.create_model_version("iris", model.model_uri)
    store.finalize_logged_model(model.model_id, "READY")
    made = store.create_model_version("iris", model.model_uri)
    assert (made.source, made.storage_location) == (model.model_uri, model.artifact_location)
    assert (made.run_id, made.model_id) == (run_id, model.model_id)
    store.create_registered_model("other")
    copied = store.create_model_version("other", "models:/iris/1")
    assert (copied.storage_location, copied.run_id) == (model.artifact_location, run_id)


@pytest.mark.parametrize("source", ["models:/iris/latest", "models:/iris@champion", "models:/iris/Production"])
def test_what_can_change_is_no_source(store: FileStore, source: str) -> None:
    with pytest.raises(InvalidArgument, match="no fixed version"):
        store.create_model_version("iris", source)


def test_the_highest_version_of_each_stage_is_the_latest_whatever_the_clock_said(store: FileStore) -> None:
    for at in range(1, 12):
        store.create_model_version("iris", f"/{at}")
    meta = store.root / "models/iris/version-11/meta.yaml"
    meta.write_text(meta.read_text().replace("creation_timestamp: 1", "creation_timestamp: 0"))
    store.transition_model_version_stage("iris", "3", "production")
    store.transition_model_version_stage("iris", "2", "Production")
    assert {version.current_stage: version.version for version in store.get_latest_versions("iris")} == {
        "None": "11",
        "Production": "3",
    }
    store.transition_model_version_stage("iris", "9", "production", archive_existing_versions=True)
    assert [version.version for version in store.get_latest_versions("iris", ["archived"])] == ["3"]
    with pytest.raises(InvalidArgument):
        store.transition_model_version_stage("iris", "9", "archived", archive_existing_versions=True)


def test_a_deleted_version_keeps_its_number_and_loses_its_aliases(store: FileStore) -> None:
    store.create_model_version("iris", "/a")
    store.create_model_version("iris", "/b")
    store.set_registered_model_alias("iris", "champion", "2")
    store.delete_model_version("iris", "2")
    with pytest.raises(NotInStore):
        store.get_model_version("iris", "2")
    with pytest.raises(NotInStore):
        store.set_registered_model_alias("iris", "champion", "2")
    assert store.get_registered_model("iris").aliases == {}
    assert store.create_model_version("iris", "/c").version == "3"
    assert [version.version for version in store.search_model_versions()] == ["3", "1"]


def test_names_are_made_changed_and_removed(store: FileStore) -> None:
    store.create_model_version("iris", "/a", tags={"x": "y"})
    store.set_registered_model_alias("iris", "champion", "1")
    with pytest.raises(AlreadyInStore):
        store.create_registered_model("iris")
    store.create_registered_model("other")
    with pytest.raises(AlreadyInStore):
        store.rename_registered_model("iris", "other")
    store.rename_registered_model("iris", "flowers")
    found = store.get_model_version_by_alias("flowers", "champion")
    assert (found.name, found.tags) == ("flowers", {"x": "y"})
    assert yaml.safe_load((store.root / "models/flowers/version-1/meta.yaml").read_text())["name"] == "flowers"
    assert store.update_registered_model("flowers", description="new").description == "new"
    store.delete_registered_model("flowers")
    assert [model.name for model in store.search_registered_models()] == ["other"]
    with pytest.raises(NotInStore):
        store.get_model_version("flowers", "1")


def test_prompts_of_mlflow_are_not_listed_among_models(store: FileStore) -> None:
    tags = {"mlflow.prompt.is_prompt": "true"}
    store.create_registered_model("greeting", tags=tags)
    store.create_model_version("greeting", "/nowhere", tags=tags)
    assert "greeting" not in [model.name for model in store.search_registered_models()]
    assert "greeting" not in [version.name for version in store.search_model_versions()]
    asked = "tags.`mlflow.prompt.is_prompt` = 'true'"
    assert [model.name for model in store.search_registered_models(filter_string=asked)] == ["greeting"]


def test_tags_of_models_and_versions_are_set_and_removed(store: FileStore) -> None:
    store.create_model_version("iris", "/a")
    store.set_registry_tag("iris", "k", "v", version="1")
    store.set_registry_tag("iris", "team", "b")
    assert store.get_model_version("iris", "1").tags == {"k": "v"}
    assert store.search_registered_models(filter_string="tags.team = 'b'")[0].name == "iris"
    assert store.search_model_versions(filter_string="name = 'iris' AND tags.k = 'v'")[0].version == "1"
    store.delete_registry_tag("iris", "k", version="1")
    store.delete_registry_tag("iris", "team")
    assert store.get_registered_model("iris").tags == {}
    assert store.update_model_version("iris", "1", description="first").description == "first"


def test_a_version_without_its_file_is_not_there_and_its_number_is_not_taken_again(store: FileStore) -> None:
    (store.root / "models/iris/version-1").mkdir()
    assert store.get_latest_versions("iris") == []
    with pytest.raises(NotInStore):
        store.get_model_version("iris", "1")
    assert store.create_model_version("iris", "/a").version == "2"


def test_a_source_that_was_moved_with_the_store_is_found(store: FileStore, tmp_path: Path) -> None:
    run = store.create_run("0", run_name="r", user_id="me", start_time=1, tags={})
    (store.root / "0" / run.info.run_id / "artifacts" / "model").mkdir()
    store.create_model_version("iris", f"{run.info.artifact_uri}/model")
    moved = FileStore("x", tmp_path / "moved")
    shutil.move(store.root, moved.root)
    here = moved.root / "0" / run.info.run_id / "artifacts" / "model"
    assert moved.get_model_version("iris", "1").storage_location == here.as_uri()


def test_a_broken_alias_or_version_is_an_error_and_never_another_version(store: FileStore) -> None:
    store.create_model_version("iris", "/a")
    store.create_model_version("iris", "/b")
    store.set_registered_model_alias("iris", "champion", "2")
    (store.root / "models/iris/aliases/champion").write_text("two")
    with pytest.raises(StoreFailure, match="champion"):
        store.get_model_version_by_alias("iris", "champion")
    (store.root / "models/iris/version-2/meta.yaml").write_text("")
    with pytest.raises(StoreFailure, match="version-2"):
        store.get_latest_versions("iris")
