"""Files behind a real MLflow server: what one side stores, the other fetches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlpack.stores import resolve
from mlpack.stores.artifacts import fetch_all, open_artifacts
from tests.interop.conftest import Mlflow
from tests.interop.environments import MLFLOWS
from tests.interop.tracking import script, tracking_server

THEY_WRITE = """
import mlflow
from pathlib import Path
with mlflow.start_run() as run:
    for name in ("MLmodel", "data/ü & 100 pct.bin", "data/deep/empty"):
        path = Path("theirs", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if name.endswith("empty") else b"flavors: {}\\n" * 30_000)
    mlflow.log_artifacts("theirs", "model")
print(run.info.run_id)
"""
THEY_READ = """
import mlflow, sys
print(mlflow.artifacts.download_artifacts("mlflow-artifacts:/of/mlpack", dst_path="copy"))
"""


@pytest.fixture(scope="module", params=list(MLFLOWS))
def server(
    request: pytest.FixtureRequest, mlflow: Callable[[str], Mlflow], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """The Python of a release, and the URI of its server."""
    python = mlflow(request.param).python
    with tracking_server(python, tmp_path_factory.mktemp("server")) as uri:
        yield python, uri


@pytest.fixture(autouse=True)
def _configured(server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLPACK_TRACKING_URI", server[1])
    monkeypatch.setenv("MLPACK_CACHE_ROOT", str(tmp_path / "cache"))


def is_copy(folder: Path, package: Path) -> bool:
    names = {path.relative_to(package) for path in package.rglob("*") if path.is_file()}
    assert names == {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return all((folder / name).read_bytes() == (package / name).read_bytes() for name in names)


def test_what_mlflow_logs_is_fetched(server: tuple[Path, str], tmp_path: Path) -> None:
    python, uri = server
    run_id = script(python, uri, THEY_WRITE, tmp_path).splitlines()[-1]
    assert is_copy(resolve(f"runs:/{run_id}/model"), tmp_path / "theirs")


def test_what_mlpack_writes_is_fetched_by_both(server: tuple[Path, str], tmp_path: Path) -> None:
    python, uri = server
    ours = tmp_path / "ours"
    (ours / "a").mkdir(parents=True)
    (ours / "MLmodel").write_text("flavors: {}\n")
    (ours / "a" / "ü & 100% +.bin").write_bytes(os.urandom(3_000_000))
    artifacts = open_artifacts("mlflow-artifacts:/of/mlpack", uri)
    for path in filter(Path.is_file, ours.rglob("*")):
        artifacts.write(path, path.relative_to(ours).as_posix())
    proxy = f"{uri}/api/2.0/mlflow-artifacts/artifacts"
    for place in ("mlflow-artifacts:", uri.replace("http", "mlflow-artifacts"), proxy):
        assert is_copy(resolve(f"{place}/of/mlpack"), ours)
    script(python, uri, THEY_READ, tmp_path)
    assert is_copy(tmp_path / "copy" / "mlpack", ours)


def test_a_single_file_and_nothing_are_told_apart(server: tuple[Path, str], tmp_path: Path) -> None:
    artifacts = open_artifacts("mlflow-artifacts:/single", server[1])
    (tmp_path / "x").write_text("x")
    artifacts.write(tmp_path / "x", "folder/x")
    assert [file.path for file in artifacts.list("folder")] == ["folder/x"]
    assert artifacts.list("folder/x") == []
    assert artifacts.list("nothing") == []
    assert fetch_all(artifacts, "folder/x", tmp_path / "y").read_text() == "x"
