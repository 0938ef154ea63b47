"""Which store is used: what is named, set, in the environment, or in the current folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlpack.errors import InvalidArgument
from mlpack.stores.configured import (
    get_registry_uri,
    get_tracking_uri,
    registry_store,
    set_registry_uri,
    set_tracking_uri,
    tracking_store,
)
from mlpack.stores.file_store import FileStore
from mlpack.stores.rest import RestStore
from mlpack.stores.sql import SqlStore


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("TRACKING", "REGISTRY"):
        monkeypatch.delenv(f"MLPACK_{name}_URI", raising=False)
        monkeypatch.delenv(f"MLFLOW_{name}_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    set_tracking_uri(None)
    set_registry_uri(None)


def test_with_nothing_at_all_it_is_the_folder_mlruns_which_is_not_made_yet(folder: Path) -> None:
    assert get_tracking_uri() == get_registry_uri() == f"file://{folder}/mlruns"
    assert isinstance(tracking_store(), FileStore)
    assert list(folder.iterdir()) == []


def test_a_database_of_mlflow_in_the_folder_is_read(folder: Path) -> None:
    (folder / "mlflow.db").touch()
    (folder / "mlruns" / "1" / "models").mkdir(parents=True)  # where MLflow keeps packages beside a database
    assert get_tracking_uri() == f"sqlite:///{folder}/mlflow.db"
    assert isinstance(tracking_store(), SqlStore)


def test_a_file_store_in_the_folder_goes_before_a_database(folder: Path) -> None:
    (folder / "mlflow.db").touch()
    (folder / "mlruns" / "0").mkdir(parents=True)
    (folder / "mlruns" / "0" / "meta.yaml").touch()
    assert get_tracking_uri() == f"file://{folder}/mlruns"


def test_what_is_set_goes_before_ours_before_mlflows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://one")
    assert get_tracking_uri() == get_registry_uri() == "http://one"
    monkeypatch.setenv("MLPACK_TRACKING_URI", "http://two")
    assert get_tracking_uri() == "http://two"
    set_tracking_uri("http://three")
    assert get_tracking_uri() == get_registry_uri() == "http://three"
    assert tracking_store("http://four").uri == "http://four"
    set_tracking_uri(None)
    assert get_tracking_uri() == "http://two"


def test_the_registry_may_be_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry_store(None, "http://runs").uri == "http://runs"
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "http://models")
    assert registry_store(None, "http://runs").uri == "http://models"
    set_registry_uri("http://others")
    assert registry_store().uri == "http://others"
    assert registry_store("http://named").uri == "http://named"


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("runs", FileStore),
        ("./a:b", FileStore),
        ("file:///srv/mlruns", FileStore),
        ("file:relative", FileStore),
        (Path("x y"), FileStore),
        ("http://host:5000/base", RestStore),
        ("HTTPS://host", RestStore),
        ("sqlite:///a.db", SqlStore),
    ],
)
def test_every_kind_of_uri_gives_its_store(uri: str | Path, kind: type) -> None:
    assert isinstance(tracking_store(uri), kind)


@pytest.mark.parametrize("uri", ["databricks", "databricks://profile", "databricks-uc", "uc:http://host"])
def test_databricks_is_refused_by_name(uri: str) -> None:
    with pytest.raises(InvalidArgument, match="Databricks"):
        set_tracking_uri(uri)


@pytest.mark.parametrize("uri", ["s3://bucket/mlruns", "mlflow-artifacts:/0", "redis://host", "postgres://host/db"])
def test_what_is_no_store_is_refused(uri: str) -> None:
    with pytest.raises(InvalidArgument, match="is no kind of store"):
        tracking_store(uri)


def test_one_uri_gives_one_store_until_the_folder_or_the_credentials_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tracking_store("http://host") is tracking_store("http://host")
    before = tracking_store("http://host"), tracking_store("mlruns")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "another")
    assert tracking_store("http://host") is not before[0]
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    assert tracking_store("mlruns") is not before[1]


def test_what_other_stores_need_is_not_imported(folder: Path) -> None:
    source = "import sys; from mlpack.stores import configured; configured.tracking_store(); "
    source += "print({'http.client', 'ssl', 'sqlalchemy'} & set(sys.modules))"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", source], env=environ, cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
