from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mlpack
from mlpack.client import Client
from mlpack.errors import InvalidArgument, MlpackError, PackageNotFound


class Figure:
    """What Matplotlib's figures and Plotly's have in common with this one is how they are written."""

    def savefig(self, path: Path, **options: Any) -> None:
        path.write_text(json.dumps(options))


def test_texts_and_plain_data_become_files_of_the_run(client: Client) -> None:
    with mlpack.start_run() as run:
        mlpack.log_text("one\r\ntwo\n", "notes/read.txt")
        mlpack.log_dict({"depth": 3, "path": Path("a")}, "settings.json")
        mlpack.log_dict({"depth": [3]}, "settings.yaml")
        folder = Path(client.download_artifacts(run.info.run_id))
    assert (folder / "notes" / "read.txt").read_bytes() == b"one\r\ntwo\n"
    assert json.loads((folder / "settings.json").read_text()) == {"depth": 3, "path": "a"}
    assert (folder / "settings.yaml").read_text() == "depth:\n- 3\n"
    assert [file.path for file in client.list_artifacts(run.info.run_id, "notes")] == ["notes/read.txt"]


def test_files_and_folders_are_logged_below_a_path(client: Client, tmp_path: Path) -> None:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "deep" / "a.csv").write_text("1")
    with mlpack.start_run() as run:
        mlpack.log_artifact(tmp_path / "data" / "deep" / "a.csv", "tables")
        mlpack.log_artifact("data")
        mlpack.log_artifacts("data", "all")
    folder = Path(client.download_artifacts(run.info.run_id))
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert files == ["all/deep/a.csv", "data/deep/a.csv", "tables/a.csv"]


def test_a_figure_is_written_by_itself_as_its_suffix_says(client: Client) -> None:
    with mlpack.start_run() as run:
        mlpack.log_figure(Figure(), "plots/loss.png", save_kwargs={"dpi": 50})
        with pytest.raises(InvalidArgument, match="a dict is no figure"):
            mlpack.log_figure({}, "plots/loss.png")
    assert json.loads(Path(client.download_artifacts(run.info.run_id, "plots/loss.png")).read_text()) == {"dpi": 50}


def test_files_are_copied_where_a_folder_is_given(client: Client, tmp_path: Path) -> None:
    with mlpack.start_run() as run:
        mlpack.log_text("hello", "notes/read.txt")
    copied = client.download_artifacts(run.info.run_id, "notes", tmp_path / "mine")
    assert Path(copied) == tmp_path / "mine" / "notes"
    assert (tmp_path / "mine" / "notes" / "read.txt").read_text() == "hello"
    single = client.download_artifacts(run.info.run_id, "notes/read.txt", tmp_path / "other")
    assert Path(single).read_text() == "hello"


@pytest.mark.parametrize("path", ["../up.txt", "/etc/up.txt", "a/../../up.txt", "a\\up.txt", "a//b"])
def test_a_path_that_leaves_the_run_is_refused(client: Client, tmp_path: Path, path: str) -> None:
    with mlpack.start_run() as run:
        with pytest.raises(MlpackError):
            mlpack.log_text("hello", path)
        with pytest.raises(MlpackError):
            client.download_artifacts(run.info.run_id, path, tmp_path / "mine")
    assert not list(tmp_path.rglob("up.txt"))


def test_what_is_not_there_cannot_be_logged_or_fetched(client: Client, tmp_path: Path) -> None:
    with mlpack.start_run() as run:
        with pytest.raises(InvalidArgument, match="no file and no folder"):
            mlpack.log_artifact("missing.txt")
        with pytest.raises(InvalidArgument, match="is no folder"):
            mlpack.log_artifacts("missing")
        for target in (None, tmp_path / "mine"):
            with pytest.raises(PackageNotFound):
                client.download_artifacts(run.info.run_id, "missing", target)


def test_the_run_tells_where_its_files_are(client: Client) -> None:
    with mlpack.start_run() as run:
        assert mlpack.get_artifact_uri() == run.info.artifact_uri
        assert mlpack.get_artifact_uri("notes/read.txt") == f"{run.info.artifact_uri}/notes/read.txt"
