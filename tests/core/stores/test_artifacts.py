"""Files of folders on this machine and of plain web servers; what is not believed of a store."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mlpack.errors import InvalidArgument, PackageNotFound, StoreFailure, UnsafePackage
from mlpack.stores.artifacts import ArtifactFile, fetch_all, open_artifacts
from mlpack.stores.artifacts.base import Advance, checked
from mlpack.stores.artifacts.fetching import below, fetch
from mlpack.stores.artifacts.local import LocalArtifacts
from mlpack.stores.artifacts.overlay import Mounted, Overlay
from tests.core.stores.http_server import Answer, Asked, answering
from tests.core.stores.web_server import FolderServer, serving


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlpack.stores.artifacts.fetching._FIRST_PAUSE", 0.01)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "kept"
    (root / "data" / "deep").mkdir(parents=True)
    (root / "MLmodel").write_text("flavors: {}\n")
    (root / "data" / "with space & ümlaut.bin").write_bytes(os.urandom(300_000))
    (root / "data" / "deep" / "empty").write_bytes(b"")
    return root


@pytest.fixture
def web(folder: Path) -> Iterator[FolderServer]:
    with serving(folder) as server:
        yield server


def same(one: Path, other: Path) -> bool:
    names = {path.relative_to(one) for path in one.rglob("*") if path.is_file()}
    assert names == {path.relative_to(other) for path in other.rglob("*") if path.is_file()}
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc",
        "..",
        "a/../b",
        "a//b",
        "./a",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\u202eb",
        "x" * 256,
        "a/" * 600 + "a",
        "\ud800",
    ],
)
def test_a_name_that_could_leave_its_folder_is_refused(name: str) -> None:
    with pytest.raises(UnsafePackage):
        checked(name, of="the store")


def test_a_local_folder_is_used_in_place(folder: Path) -> None:
    artifacts = open_artifacts(folder.as_uri())
    assert artifacts.local("data") == folder / "data"
    assert [file.path for file in artifacts.list()] == ["MLmodel", "data"]


def test_a_file_that_is_written_replaces_another_whole(tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.write_text("new")
    artifacts = LocalArtifacts(tmp_path / "store")
    artifacts.write(new, "a/b.txt")
    artifacts.write(new, "a/b.txt")
    assert [path.name for path in (tmp_path / "store" / "a").iterdir()] == ["b.txt"]


def test_a_write_outside_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new")
    with pytest.raises(UnsafePackage):
        LocalArtifacts(tmp_path / "store").write(tmp_path / "new", "../outside")


def test_a_link_in_a_local_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="link"):
        fetch_all(LocalArtifacts(folder), "", tmp_path / "copy")


def test_a_folder_of_a_web_server_is_fetched(web: FolderServer, folder: Path, tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    target = fetch_all(open_artifacts(web.uri), "", tmp_path / "copy", report=lambda *at: reports.append(at))
    assert same(folder, target)
    assert reports[-1][0] == reports[-1][1] == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_single_file_is_fetched(web: FolderServer, folder: Path, tmp_path: Path) -> None:
    name = "data/with space & ümlaut.bin"
    assert fetch_all(open_artifacts(web.uri), name, tmp_path / "x").read_bytes() == (folder / name).read_bytes()


def test_files_that_are_fetched_are_private(web: FolderServer, tmp_path: Path) -> None:
    staging = tmp_path / "staging"
    artifacts = open_artifacts(web.uri)
    whole = fetch(artifacts, below(artifacts, ""), "", staging)
    modes = {path.stat().st_mode & 0o777 for path in whole.rglob("*")}
    assert modes == {0o600, 0o700}


def test_what_broke_off_goes_on_where_it_was(web: FolderServer, folder: Path, tmp_path: Path) -> None:
    (folder / "large").write_bytes(os.urandom(900_000))
    web.faults["/large"] = 640_000
    assert same(folder, fetch_all(open_artifacts(web.uri), "", tmp_path / "copy"))
    assert [span for path, span in web.got if path == "/large"] == [None, "bytes=640000-"]


def test_a_file_that_changed_meanwhile_is_not_mixed_with_the_old_one(
    web: FolderServer, folder: Path, tmp_path: Path
) -> None:
    (folder / "large").write_bytes(b"old" * 100_000)
    artifacts, staging = open_artifacts(web.uri), tmp_path / "staging"
    files = below(artifacts, "")
    (folder / "large").write_bytes(b"new" * 100_000)
    web.faults["/large"] = 150_000
    assert (fetch(artifacts, files, "", staging) / "large").read_bytes() == b"new" * 100_000


def test_a_second_attempt_fetches_only_what_is_missing(web: FolderServer, folder: Path, tmp_path: Path) -> None:
    artifacts, staging = open_artifacts(web.uri), tmp_path / "staging"
    (folder / "gone").write_text("soon")
    files = below(artifacts, "")
    (folder / "gone").unlink()
    with pytest.raises(StoreFailure):
        fetch(artifacts, files, "", staging)
    (folder / "gone").write_text("soon")
    web.got.clear()
    assert same(folder, fetch(artifacts, files, "", staging))
    assert "/gone" in {path for path, _ in web.got}


def test_a_server_that_never_sends_a_file_whole_is_an_error(tmp_path: Path) -> None:
    index = Answer(body=b'<a href="x">x</a>', headers={"Content-Type": "text/html"})
    short = Answer(body=b"12345", headers={"Content-Length": "10"})
    with answering(index, short) as server, pytest.raises(StoreFailure):
        fetch_all(open_artifacts(server.uri), "", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("link", ["%2e%2e%2fescape", "..%2f..%2fescape", "a%00b", "a%5cb", "%0aa"])
def test_hostile_links_of_an_index_page_are_refused(web: FolderServer, link: str) -> None:
    web.index["/"] = f'<a href="{link}">x</a>'
    try:
        names = [file.path for file in open_artifacts(web.uri).list()]
    except UnsafePackage:
        return
    assert names == []


def test_links_that_lead_elsewhere_are_not_followed(web: FolderServer) -> None:
    links = ["http://example.org/a", "//example.org/a", "/", "/../../etc/passwd", "?C=M;O=A", "#top", "mailto:a@b.c"]
    web.index["/"] = "".join(f'<a href="{link}">x</a>' for link in links)
    assert open_artifacts(web.uri).list() == []


class Told(LocalArtifacts):
    """A store that tells what it is made to."""

    def __init__(self, *told: ArtifactFile, endless: bool = False) -> None:
        super().__init__(Path("/nowhere"))
        self.told, self.endless = told, endless

    def list(self, path: str = "") -> Sequence[ArtifactFile]:
        if self.endless:
            return [ArtifactFile(f"{path}/a" if path else "a", is_dir=True)]
        return self.told if not path else []

    def read_to(self, file: ArtifactFile, target: Path, *, advance: Advance = lambda done: None) -> None:
        raise AssertionError("nothing is to be read")


@pytest.mark.parametrize("names", [("a/../../b",), ("a", "A"), ("a", "a")])
def test_a_listing_that_could_do_harm_is_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(UnsafePackage):
        fetch_all(Told(*(ArtifactFile(name, False, 1) for name in names)), "", tmp_path / "copy")


def test_a_listing_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsafePackage, match="deep"):
        fetch_all(Told(endless=True), "", tmp_path / "copy")
    # Folders alone are without end, too, where each holds several.
    monkeypatch.setattr("mlpack.stores.artifacts.fetching._MOST_FILES", 50)
    with pytest.raises(UnsafePackage, match="more than 50"):
        fetch_all(Told(endless=True), "", tmp_path / "copy")


@pytest.mark.parametrize(
    "answer",
    [
        b'{"files": [{"path": "../../x"}]}',
        b'{"files": [{"path": "/etc/passwd"}]}',
        b'{"files": [{"path": "a\\u0000b"}]}',
        b'{"files": [{"path": "a", "file_size": "many"}]}',
        b'{"files": [{"file_size": 1}]}',
        b'{"files": ["a"]}',
        b'{"files": 1}',
    ],
)
def test_what_a_hostile_tracking_server_lists_is_refused(answer: bytes, tmp_path: Path) -> None:
    with answering(Answer(body=answer)) as server, pytest.raises((UnsafePackage, StoreFailure)):
        fetch_all(open_artifacts("mlflow-artifacts:/a", server.uri), "", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("uri", ["mlflow-artifacts:/a", "http://127.0.0.1/a"])
def test_a_path_that_leaves_the_place_is_refused_before_anybody_is_asked(uri: str, tmp_path: Path) -> None:
    with answering() as server:
        artifacts = open_artifacts(uri.replace("127.0.0.1", f"127.0.0.1:{server.server_port}"), server.uri)
        for ask in (artifacts.list, lambda path: fetch_all(artifacts, path, tmp_path / "copy")):
            with pytest.raises(UnsafePackage):
                ask("../other")
    assert server.asked == []


def test_a_file_of_unknown_size_that_breaks_off_is_not_taken_for_whole(tmp_path: Path) -> None:
    listing = Answer(body=b'{"files": [{"path": "x"}]}')
    short = Answer(body=b"12345", headers={"Content-Length": "10", "Connection": "close"})
    with answering(listing, short) as server, pytest.raises(StoreFailure, match="broke off"):
        fetch_all(open_artifacts("mlflow-artifacts:/a", server.uri), "", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_an_index_page_that_is_not_whole_is_no_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    html = {"Content-Type": "text/html", "Connection": "close"}
    with answering(Answer(headers={**html, "Content-Length": "99"})) as server, pytest.raises(StoreFailure):
        open_artifacts(server.uri).list()
    monkeypatch.setattr("mlpack.stores.artifacts.web._LARGEST_INDEX", 10)
    with answering(Answer(body=b"x" * 11, headers=html)) as server, pytest.raises(StoreFailure, match="more than 10"):
        open_artifacts(server.uri).list()


def test_what_is_fetched_into_a_folder_that_is_there_appears_nowhere_else(web: FolderServer, tmp_path: Path) -> None:
    target = tmp_path / "there"
    target.mkdir()
    beside: set[Path] = set()
    fetch_all(open_artifacts(web.uri), "", target, report=lambda *_: beside.update(tmp_path.glob(".*")))
    assert not beside
    assert not list(target.glob(".*"))


@pytest.mark.parametrize(
    "uri", ["https://eva:secret@host/a?token=secret", "s3://host/a?secret", "sftp://host/a#secret"]
)
def test_a_query_is_refused_and_what_may_be_secret_in_it_not_shown(uri: str) -> None:
    with pytest.raises(InvalidArgument, match="query") as caught:
        open_artifacts(uri)
    assert "host/a" in caught.value.message and "secret" not in caught.value.message


def test_more_than_the_disk_holds_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(StoreFailure, match="free"):
        fetch_all(Told(ArtifactFile("a", False, 1 << 60)), "", tmp_path / "copy")


def test_nothing_there_is_said(web: FolderServer, tmp_path: Path) -> None:
    with pytest.raises(PackageNotFound):
        fetch_all(open_artifacts(web.uri), "nothing", tmp_path / "copy")


def test_a_web_server_cannot_be_written(web: FolderServer, folder: Path) -> None:
    with pytest.raises(InvalidArgument):
        open_artifacts(web.uri).write(folder / "MLmodel", "MLmodel")


def test_files_of_the_upper_place_hide_those_of_the_lower(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "run" / "model").mkdir(parents=True)
    (tmp_path / "run" / "model" / "MLmodel").write_text("of the run")
    (tmp_path / "run" / "model" / "notes").write_text("of the run")
    both = Overlay(Mounted(LocalArtifacts(folder), "model"), LocalArtifacts(tmp_path / "run"))
    copy = fetch_all(both, "model", tmp_path / "copy")
    assert both.local("model") is None
    assert (copy / "MLmodel").read_text() == "flavors: {}\n"
    assert (copy / "notes").read_text() == "of the run"


def test_the_credentials_of_the_tracking_server_are_shown_to_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    with answering(Answer(404)) as ours, answering(Answer(404)) as foreign:
        for uri in (
            ours.uri,
            foreign.uri,
            f"mlflow-artifacts://127.0.0.1:{foreign.server_port}/a",
            "mlflow-artifacts:/a",
        ):
            with pytest.raises((PackageNotFound, StoreFailure)):
                fetch_all(open_artifacts(uri, ours.uri), "", tmp_path / "copy")
        assert {asked.headers.get("authorization") for asked in ours.asked} == {"Bearer secret"}
        assert {asked.headers.get("authorization") for asked in foreign.asked} == {None}


def in_parts(*answers: Answer, folder: Path) -> list[Asked]:
    """What a server is asked when a file of 25 bytes goes to it in parts of 10."""
    (folder / "large").write_bytes(b"0123456789" * 2 + b"01234")
    with answering() as server:
        told = [{"url": f"{server.uri}/part?n={number}", "part_number": number} for number in (1, 2, 3)]
        server.answers = [
            Answer(body=b'{"multipart_uploads_enabled": true}'),
            Answer(body=json.dumps({"upload_id": "u", "credentials": told}).encode()),
            *answers,
        ]
        open_artifacts("mlflow-artifacts:/root", server.uri).write(folder / "large", "a/large")
        return server.asked


@pytest.fixture
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "20")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "10")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")


@pytest.mark.usefixtures("_small_parts")
def test_a_large_file_goes_in_parts_where_the_server_says_so(tmp_path: Path) -> None:
    taken = Answer(headers={"ETag": '"e"'})
    asked = in_parts(taken, taken, taken, Answer(), folder=tmp_path)
    parts = {one.path: one.body for one in asked if one.method == "PUT"}
    assert parts == {"/part?n=1": b"0123456789", "/part?n=2": b"0123456789", "/part?n=3": b"01234"}
    assert asked[1].path.endswith("/mlflow-artifacts/mpu/create/root/a")
    assert asked[-1].path.endswith("/mlflow-artifacts/mpu/complete/root/a")
    assert [part["part_number"] for part in json.loads(asked[-1].body)["parts"]] == [1, 2, 3]
    assert not [one for one in asked if one.method == "PUT" and "authorization" in one.headers]


@pytest.mark.usefixtures("_small_parts")
def test_an_upload_that_failed_is_given_up_at_the_server(tmp_path: Path) -> None:
    asked: list[Asked] = []
    with pytest.raises(StoreFailure), answering() as server:
        told = [{"url": f"{server.uri}/part", "part_number": 1}]
        create = Answer(body=json.dumps({"upload_id": "u", "credentials": told}).encode())
        server.answers = [Answer(body=b'{"multipart_uploads_enabled": true}'), create, Answer(403), Answer()]
        asked = server.asked
        (tmp_path / "large").write_bytes(b"0" * 25)
        open_artifacts("mlflow-artifacts:/root", server.uri).write(tmp_path / "large", "large")
    assert asked[-1].path.endswith("/mlflow-artifacts/mpu/abort/root")


def test_a_single_file_is_fetched_by_a_uri_of_its_own(web: FolderServer, folder: Path, tmp_path: Path) -> None:
    for uri in (str(folder / "MLmodel"), f"{web.uri}/MLmodel"):
        target = fetch_all(open_artifacts(uri), "", tmp_path / "x")
        assert target.read_bytes() == (folder / "MLmodel").read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_what_is_whole_is_as_open_to_others_as_new_files_are(folder: Path, tmp_path: Path) -> None:
    target = fetch_all(open_artifacts(str(folder)), "", tmp_path / "copy")
    for path in folder.rglob("*"):
        assert (target / path.relative_to(folder)).stat().st_mode == path.stat().st_mode


A_FILE = Answer(body=b'{"files": [{"path": "x", "is_dir": false, "file_size": 2}]}')
A_FOLDER = Answer(body=b'{"files": [{"path": "x", "is_dir": true}]}')


@pytest.mark.parametrize(("answers", "place"), [((A_FILE, A_FILE, A_FILE), "copy"), ((A_FILE, A_FOLDER), "copy/x")])
def test_a_file_of_a_tracking_server_is_told_from_a_folder_that_has_one_of_its_name(
    answers: tuple[Answer, ...], place: str, tmp_path: Path
) -> None:
    with answering(*answers, Answer(body=b"ab")) as server:
        fetch_all(open_artifacts("mlflow-artifacts:/a/x", server.uri), "", tmp_path / "copy")
    assert (tmp_path / place).read_bytes() == b"ab"
