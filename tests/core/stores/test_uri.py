"""A URI is parsed once into a typed value; what could be taken for something else is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpack.errors import InvalidArgument
from mlpack.stores.names import check_key, check_model_name
from mlpack.stores.uri import (
    AliasUri,
    LatestUri,
    LocalPath,
    LoggedModelUri,
    PackageUri,
    RemoteUri,
    RunUri,
    StageUri,
    VersionUri,
    parse,
)

RUN = "0123456789abcdef" * 2
MODEL = f"m-{RUN}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (f"runs:/{RUN}/model", RunUri(RUN, "model")),
        (f"RUNS:/{RUN}/a/b c/ü", RunUri(RUN, "a/b c/ü")),
        (f"runs:/{RUN}", RunUri(RUN, "")),
        ("models:/iris/3", VersionUri("iris", "3")),
        ("models:/my model/3/sub/path", VersionUri("my model", "3", "sub/path")),
        ("models:/iris@champion", AliasUri("iris", "champion")),
        ("models:/a@b@c/sub", AliasUri("a@b", "c", "sub")),
        ("models:/iris/LATEST", LatestUri("iris")),
        ("models:/iris/production", StageUri("iris", "Production")),
        ("models:/iris/none/x", StageUri("iris", "None", "x")),
        (f"models:/{MODEL}", LoggedModelUri(MODEL)),
        (f"models:/{MODEL}/data", LoggedModelUri(MODEL, "data")),
    ],
)
def test_what_a_store_holds_is_named_by_typed_values(text: str, meant: PackageUri) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket/a/model?versionId=3",
        "sftp://user@host:22/a",
        "https://host/a%20b",
        "gs://b/a",
        "abfss://c@a.dfs.core.windows.net/x",
        "hdfs:///a/b",
        "mlflow-artifacts:/0/a",
        "mlflow-artifacts://host:5000/a",
    ],
)
def test_remote_schemes_are_a_closed_list(text: str) -> None:
    assert parse(text) == RemoteUri(text.split(":", maxsplit=1)[0], text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a/b", "a/b"),
        ("C:/models/iris", "C:/models/iris"),
        ("C:\\models\\iris", "C:\\models\\iris"),
        ("file:///a/b%20c", "/a/b c"),
        ("file://localhost/a", "/a"),
        ("file:a/b", "a/b"),
        ("with:colon", "with:colon"),
    ],
)
def test_paths_and_file_uris_are_folders_here(text: str, path: str) -> None:
    assert parse(text) == LocalPath(Path(path))
    assert parse(Path("a") / "b") == LocalPath(Path("a/b"))


@pytest.mark.parametrize(
    "tail", ["a?b", "a#b", "a%2fb", "a\\b", "a\0b", "a\nb", "a\u202eb", "a//b", "a/./b", "a/../b", "a/"]
)
@pytest.mark.parametrize("start", [f"runs:/{RUN}/", "models:/iris/1/", "models:/iris@prod/", f"models:/{MODEL}/"])
def test_what_could_mean_something_else_is_refused(start: str, tail: str) -> None:
    with pytest.raises(InvalidArgument):
        parse(start + tail)


@pytest.mark.parametrize(
    "text",
    [
        "runs:/",
        "runs:/short/model",
        f"runs:/{RUN.upper()}/model",
        f"runs://{RUN}/model",
        "runs://profile@databricks/x",
        "models:/",
        "models:/iris",
        "models:/iris/0",
        "models:/iris/03",
        "models:/iris/٣",
        "models:/iris/nowhere",
        "models:/iris@",
        "models:/iris@latest",
        "models:/iris@v3",
        "models:/@champion",
        "models:/.hidden/1",
        "models:/ iris/1",
        "models:/a:b/1",
        "models://profile@databricks/iris/1",
        f"models:/{MODEL}@champion",
        "dbfs:/models/iris",
        "hf:/org/model",
        "ftp://host/model",
        "s3:/model",
        "s3://bucket/a/../b",
        "https://host/a/%2e%2e/b",
        "https://[::1/a",
        "file:",
        "file://",
        "file:///a\nb",
        "file:///a%00b",
        "file://host/a",
        "file:///a?b",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        parse(text)
    assert str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://eva:geheim@host/a/../b",
        "https://eva:geheim@[::1/a",
        "https://eva:geheim@host/a\\b",
        "s3://geheim@/a\n",
    ],
)
def test_a_password_is_in_no_message(text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        parse(text)
    assert "geheim" not in f"{caught.value!r} {caught.value.__cause__!r}"


def spelled(meant: PackageUri) -> str:
    """A typed value as the URI that it stands for."""
    if isinstance(meant, LocalPath):
        return str(meant.path)
    if isinstance(meant, RemoteUri):
        return meant.uri
    if isinstance(meant, RunUri):
        start = f"runs:/{meant.run_id}"
    elif isinstance(meant, LoggedModelUri):
        start = f"models:/{meant.model_id}"
    elif isinstance(meant, AliasUri):
        start = f"models:/{meant.name}@{meant.alias}"
    elif isinstance(meant, VersionUri):
        start = f"models:/{meant.name}/{meant.version}"
    else:
        start = f"models:/{meant.name}/{meant.stage if isinstance(meant, StageUri) else 'latest'}"
    return f"{start}/{meant.path}" if meant.path else start


STARTS = ["runs:/", f"runs:/{RUN}/", "models:/", "models:/a/", "models:/a/1/", "models:/a@b/", f"models:/{MODEL}/"]
SEGMENTS = st.lists(st.text(max_size=5) | st.sampled_from(["1", "latest", "Staging", "a@b", "..", "%2e"]), max_size=4)


@given(st.sampled_from([*STARTS, "s3://b/", "https://h/", "file:///", ""]), SEGMENTS.map("/".join))
def test_what_is_parsed_is_what_is_meant(start: str, tail: str) -> None:
    try:
        meant = parse(start + tail)
    except InvalidArgument:
        return
    if not (start.startswith("file:") or tail.startswith("file:")):  # of these, the path is what is meant
        assert parse(spelled(meant)) == meant
    if start in STARTS:
        assert not isinstance(meant, LocalPath | RemoteUri)
        assert not set("?#%\\\0") & set(spelled(meant))
        assert not {".", ".."} & set(spelled(meant).split("/"))


def test_an_existing_folder_wins_over_a_scheme_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd:" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert parse("odd:/model") == LocalPath(Path("odd:/model"))


@given(st.text(max_size=20), st.sampled_from(["runs:/", f"runs:/{RUN}/", "models:/", "models:/a/", "s3://b/", ""]))
def test_no_text_names_anything_outside_of_what_it_names(tail: str, start: str) -> None:
    try:
        meant = parse(start + tail)
    except InvalidArgument:
        return
    if not isinstance(meant, LocalPath | RemoteUri):
        assert not {"", ".", ".."} & set(meant.path.split("/")) or meant.path == ""


@pytest.mark.parametrize("name", ["iris", "Iris model 2", "müller", "a.b-c_d", "x@y", "a=b,(c)", "50+"])
def test_model_names_that_mean_themselves_are_taken(name: str) -> None:
    assert check_model_name(name) == name


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "..", ".x", "a%b", "a?b", "a\\b", "a\tb", "a ", "x" * 257, MODEL])
def test_model_names_that_could_mislead_are_refused(name: str) -> None:
    with pytest.raises(InvalidArgument):
        check_model_name(name)


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/..", "a\nb", "a\\b", "a%b", "x" * 251])
def test_keys_that_would_leave_their_folder_are_refused(key: str) -> None:
    assert check_key("tag", "mlflow.runName") == "mlflow.runName"
    with pytest.raises(InvalidArgument):
        check_key("tag", key)
