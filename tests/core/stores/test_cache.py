"""Packages that are fetched: once, whole or not at all, and thrown away when nobody needs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlpack.digest import digest_file
from mlpack.errors import DigestMismatch, InvalidArgument, PackageNotFound, StoreFailure
from mlpack.stores import cache, resolve
from mlpack.stores.cache import Cache
from tests.core.stores.http_server import Answer, answering
from tests.core.stores.web_server import FolderServer, serving

_RESOLVE = "import sys; from mlpack.stores import resolve; print(resolve(sys.argv[1]))"
_AGO = 7200.0


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setenv("MLPACK_CACHE_ROOT", str(tmp_path / "cache"))
    monkeypatch.setenv("MLPACK_TRACKING_URI", str(tmp_path / "mlruns"))
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setattr(cache, "_in_use", {})
    yield tmp_path / "cache"
    release()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "data").mkdir(parents=True)
    (folder / "MLmodel").write_text("flavors: {}\n")
    for name in ("a", "b", "c"):
        (folder / "data" / name).write_bytes(os.urandom(400_000))
    return folder


@pytest.fixture
def web(package: Path) -> Iterator[FolderServer]:
    with serving(package) as server:
        yield server


def release() -> None:
    """Use no entry any more, as if this process had ended."""
    while cache._in_use:
        os.close(cache._in_use.popitem()[1])


def start(uri: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", _RESOLVE, uri], stdout=subprocess.PIPE, text=True)


def is_copy(folder: Path, package: Path) -> bool:
    names = [path.relative_to(package) for path in package.rglob("*") if path.is_file()]
    return all((folder / name).read_bytes() == (package / name).read_bytes() for name in names)


def fill(size: int) -> dict[str, object]:
    """Arguments of Cache.get for a package of so many bytes."""

    def fetch(part: Path) -> None:
        (part / "whole").mkdir()
        (part / "whole" / "MLmodel").write_bytes(b"x" * size)

    return {"identity": (str(size),), "uri": f"test:{size}", "fetch": fetch}


def test_a_package_is_fetched_once_and_reused(web: FolderServer, package: Path) -> None:
    first = resolve(web.uri)
    web.got.clear()
    assert resolve(web.uri) == first
    assert is_copy(first, package)
    assert [path for path, _ in web.got if not path.endswith("/")] == []


def test_a_package_that_changed_is_fetched_anew(web: FolderServer, package: Path) -> None:
    first = resolve(web.uri)
    (package / "data" / "a").write_bytes(b"changed")
    second = resolve(web.uri)
    assert second != first
    assert is_copy(second, package)


def test_a_package_of_the_same_size_behind_a_server_that_tells_no_more_is_fetched_anew(root: Path) -> None:
    listing = Answer(body=b'{"files": [{"path": "MLmodel", "file_size": 12}]}')
    first, second = Answer(body=b"flavors: {}\n"), Answer(body=b"flavors: {}#")
    with answering(listing, first, first, listing, first, listing, second, second) as server:
        uri = f"{server.uri}/api/2.0/mlflow-artifacts/artifacts/m"
        found = [resolve(uri) for _ in range(3)]
    assert found[0] == found[1]
    assert [(folder / "MLmodel").read_bytes() for folder in found] == [first.body, first.body, second.body]


def test_what_is_not_what_was_saved_is_not_kept(web: FolderServer, package: Path, root: Path) -> None:
    digests = {name: digest_file(package / name) for name in ("data/a", "data/b", "data/c")}
    (package / "MLmodel").write_text(f"flavors: {{}}\nmlpack: {{digests: {json.dumps(digests)}}}\n")
    right = (package / "data" / "b").read_bytes()
    (package / "data" / "b").write_bytes(right[:-1] + b"?")
    with pytest.raises(DigestMismatch, match="data/b"):
        resolve(web.uri)
    assert Cache(root).entries() == []
    (package / "data" / "b").write_bytes(right)
    assert is_copy(resolve(web.uri), package)


def test_the_cache_is_private_to_its_owner(web: FolderServer, root: Path) -> None:
    resolve(web.uri)
    modes = {path.stat().st_mode & 0o777 for path in (root, *root.rglob("*")) if path.name != "about.json"}
    assert modes == {0o700, 0o600}


def test_what_holds_no_manifest_is_not_fetched(web: FolderServer, package: Path, root: Path) -> None:
    (package / "MLmodel").unlink()
    with pytest.raises(PackageNotFound, match="MLmodel"):
        resolve(web.uri)
    assert Cache(root).entries() == []


def test_processes_that_start_at_once_fetch_once(package: Path) -> None:
    with serving(package, pause=0.02) as web:
        started = [start(web.uri) for _ in range(3)]
        found = {Path(process.communicate()[0].strip()) for process in started}
        assert len(found) == 1
        assert is_copy(found.pop(), package)
        assert len([path for path, _ in web.got if path.startswith("/data/") and path != "/data/"]) == 3


def test_a_killed_fetch_leaves_nothing_that_is_taken_for_whole(package: Path, root: Path) -> None:
    with serving(package, pause=0.05) as web:
        for blocks in range(1, 12):
            process = start(web.uri)
            while len(web.got) < 3 and process.poll() is None:
                time.sleep(0.005)
            time.sleep(blocks * 0.03)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            for entry in Cache(root).entries():
                assert not entry.complete or is_copy(entry.path / "whole", package)
            web.got.clear()
    with serving(package) as web:
        assert is_copy(resolve(web.uri), package)


def test_what_a_killed_fetch_left_is_built_upon(package: Path, root: Path) -> None:
    with serving(package, pause=0.05) as web:
        process = start(web.uri)
        while not [path for path in root.rglob("parts/*") if path.stat().st_size > 100_000]:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        web.got.clear()
        web.pause = 0
        assert is_copy(resolve(web.uri), package)
        assert [span for path, span in web.got if path.startswith("/data/") and span]
    assert [entry.complete for entry in Cache(root).entries()] == [True]


def test_a_fetch_that_failed_is_finished_by_the_next(
    web: FolderServer, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlpack.stores.artifacts.fetching._ATTEMPTS", 1)
    web.faults["/data/b"] = 128_000
    with pytest.raises(StoreFailure):
        resolve(web.uri)
    assert is_copy(resolve(web.uri), package)
    assert ("/data/b", "bytes=128000-") in web.got


def test_the_least_recently_used_go_first(root: Path) -> None:
    here = Cache(root)
    for size, age in ((100, 3), (101, 2), (102, 1)):
        here.get(**fill(size))  # type: ignore[arg-type]
        release()
        newest = here.entries()[0]
        os.utime(root / f"{newest.key}.lock", (time.time() - _AGO * age,) * 2)
    assert [entry.uri for entry in Cache(root, cap=250).evict()] == ["test:100"]
    assert [entry.uri for entry in here.entries()] == ["test:102", "test:101"]


def test_what_was_used_within_the_hour_stays(root: Path) -> None:
    here = Cache(root, cap=1)
    here.get(**fill(100))  # type: ignore[arg-type]
    release()
    assert here.evict() == []


def test_what_a_process_uses_stays(root: Path) -> None:
    here = Cache(root, cap=1)
    folder = here.get(**fill(100))  # type: ignore[arg-type]
    os.utime(root / f"{folder.parent.name}.lock", (0, 0))
    assert here.evict() == []
    assert here.clear() == []
    release()
    assert [entry.uri for entry in here.clear()] == ["test:100"]
    assert list(root.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="exec of POSIX")
def test_what_a_process_uses_stays_when_it_becomes_another_program(web: FolderServer, root: Path) -> None:
    then = "import os; os.execv(sys.executable, [sys.executable, '-c', 'print(1, flush=True); input()'])"
    command = [sys.executable, "-u", "-c", f"{_RESOLVE}\n{then}", web.uri]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert [process.stdout.readline() for _ in range(2)][1] == "1\n"
        assert Cache(root).clear() == []
        process.kill()


def test_a_fetch_that_failed_for_another_reason_than_the_store_leaves_nothing(root: Path) -> None:
    def fetch(part: Path) -> None:
        (part / "whole").mkdir()
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        Cache(root).get(("x",), "test:x", fetch)
    assert [path.suffix for path in root.iterdir()] == [".lock"]


def test_a_removed_entry_is_fetched_again(web: FolderServer, package: Path, root: Path) -> None:
    folder = resolve(web.uri)
    subprocess.run(["rm", "-r", str(folder)], check=True)
    assert is_copy(resolve(web.uri), package)


def test_a_cap_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLPACK_CACHE_BYTES", "10G")
    with pytest.raises(InvalidArgument):
        Cache.from_environment()


def test_a_server_that_is_down_is_said(web: FolderServer) -> None:
    with pytest.raises(StoreFailure, match="reached"):
        resolve("http://127.0.0.1:9/nothing")
