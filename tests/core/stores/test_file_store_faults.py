"""A file store under many processes at once, killed ones, full disks and folders that can only be read."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sklearn.dummy import DummyClassifier

import mlpack
from mlpack.client import Client
from mlpack.entities import Metric
from mlpack.errors import MlpackError, StoreFailure
from mlpack.stores.file_store import FileStore
from mlpack.stores.file_store.index import FILE, SETTLED_NS, WORTHWHILE

HEAD = "import sys\nfrom pathlib import Path\nfrom mlpack.entities import Metric\n"
HEAD += "from mlpack.stores.file_store import FileStore\nstore = FileStore('x', Path(sys.argv[1]))\n"
REGISTER = HEAD + "for at in range(10): print(store.create_model_version('iris', f'/{at}').version)\n"
LOG = HEAD + "for at in range(1000): store.log_batch(sys.argv[2], metrics=[Metric('m', at, at, int(sys.argv[3]))])\n"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    store = FileStore("mlruns", tmp_path / "mlruns")
    store.create_registered_model("iris")
    return store


def spawn(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_eight_processes_register_eighty_distinct_versions_without_a_gap(store: FileStore) -> None:
    processes = [spawn(REGISTER, store.root) for _ in range(8)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [error for _, error in outputs if error] == []
    numbers = sorted(int(number) for output, _ in outputs for number in output.split())
    assert numbers == list(range(1, 81))
    assert len(store.search_model_versions()) == 80


def test_eight_processes_log_a_thousand_metrics_each_and_none_is_lost(store: FileStore) -> None:
    run_id = store.create_run("0", run_name="r", user_id="me", start_time=1, tags={}).info.run_id
    processes = [spawn(LOG, store.root, run_id, step) for step in range(8)]
    assert [process.communicate(timeout=120)[1] for process in processes] == [""] * 8
    history = store.get_metric_history(run_id, "m")
    assert sorted((metric.step, metric.value) for metric in history) == [(s, v) for s in range(8) for v in range(1000)]


def test_processes_killed_while_they_register_leave_whole_versions_and_no_lock(store: FileStore) -> None:
    register = "store.create_model_version('iris', '/a', tags={'k': 'v'})\n"
    script = f"{HEAD}{register}print('ready', flush=True)\nwhile True: {register}"
    for delay in range(5):
        process = spawn(script, store.root)
        assert process.stdout
        process.stdout.readline()
        time.sleep(0.013 * delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    made = store.create_model_version("iris", "/last")
    versions = store.search_model_versions()
    assert {version.source for version in versions} == {"/a", "/last"}
    assert all(version.tags == {"k": "v"} for version in versions if version.source == "/a")
    assert int(made.version) == len(versions)


@contextlib.contextmanager
def full_disk(room: int = 20) -> Iterator[None]:
    """No file of this process can grow beyond a few bytes: what a full disk looks like."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_is_a_clear_error_and_changes_nothing(store: FileStore) -> None:
    run_id = store.create_run("0", run_name="r", user_id="me", start_time=1, tags={}).info.run_id
    store.log_batch(run_id, metrics=[Metric("m", 1, 1)])
    before = sorted(store.root.rglob("*"))
    with full_disk():
        with pytest.raises(StoreFailure, match=r"meta\.yaml: "):
            store.create_model_version("iris", "/a")
        with pytest.raises(StoreFailure, match=r"metrics.m: "):
            store.log_batch(run_id, metrics=[Metric("m", 1, at) for at in range(9)])
    assert sorted(store.root.rglob("*")) == before
    assert len(store.get_metric_history(run_id, "m")) == 1


@pytest.mark.parametrize("room", [20, 300, 500, 1000])
def test_a_disk_that_fills_up_while_a_model_is_logged_leaves_no_version(client: Client, room: int) -> None:
    model = DummyClassifier().fit([[1.0]], [0])
    with full_disk(room), pytest.raises((MlpackError, OSError)) as caught:
        mlpack.sklearn.log_model(model, "model", registered_model_name="iris")
    assert "File too large" in str(caught.value)
    assert client.search_model_versions() == []
    info = mlpack.sklearn.log_model(model, "model", registered_model_name="iris")
    assert info.registered_model_version == "1"
    assert mlpack.sklearn.load_model("models:/iris/1").predict([[1.0]]).tolist() == [0]


@contextlib.contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """What is in a folder can only be read, by root too, who becomes nobody meanwhile."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_store_that_can_only_be_read_is_read() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are closed to nobody
        Path(folder).chmod(0o755)
        store = FileStore("mlruns", Path(folder) / "mlruns")
        store.create_registered_model("iris")
        for at in range(WORTHWHILE):
            store.create_model_version("iris", f"/{at}")
        store.set_registered_model_alias("iris", "champion", "7")
        with without_rights(store.root):
            assert store.get_model_version_by_alias("iris", "champion").version == "7"
            assert len(store.search_model_versions()) == WORTHWHILE
            refused: tuple[Callable[[], object], ...] = (
                lambda: store.create_model_version("iris", "/b"),
                lambda: store.set_registered_model_alias("iris", "champion", "8"),
                lambda: store.create_run("0", run_name="r", user_id="me", start_time=1, tags={}),
            )
            for write in refused:
                with pytest.raises(StoreFailure, match="Permission denied") as caught:
                    write()
                assert "can only be read" in caught.value.tip
        assert store.get_model_version_by_alias("iris", "champion").version == "7"


def test_the_lock_of_a_dead_process_locks_nothing(store: FileStore) -> None:
    hold = "from mlpack.stores.file_store.disk import locked\n"
    hold += "with locked(store.root / 'models/iris'): print('locked', flush=True); sys.stdin.read()\n"
    process = spawn(HEAD + hold, store.root)
    assert process.stdout
    assert process.stdout.readline() == "locked\n"
    process.kill()
    process.communicate()
    (store.root / "models/iris/.version-1.mlpack-part").mkdir()  # such as one that was killed may leave
    assert store.create_model_version("iris", "/a").version == "1"


def test_a_clock_that_was_set_back_gives_no_wrong_version(store: FileStore) -> None:
    filled(store)
    tomorrow = time.time_ns() + 86_400 * 10**9
    for path in (store.root / "models").rglob("meta.yaml"):
        os.utime(path, ns=(tomorrow, tomorrow))
    for stage, version in (("Staging", "5"), ("Production", "5"), ("Production", "9")):
        store.transition_model_version_stage("iris", version, stage)
        assert [found.version for found in store.get_latest_versions("iris", [stage])] == [version]
    meta = store.root / "models/iris/version-60/meta.yaml"
    meta.write_text(meta.read_text().replace("creation_timestamp: ", "creation_timestamp: 9"))
    made = store.create_model_version("iris", "/after")
    assert store.get_latest_version("iris") == made
    assert made.version == "61"


def filled(store: FileStore) -> FileStore:
    """Sixty versions whose files are old enough to be remembered."""
    for at in range(60):
        store.create_model_version("iris", f"/{at}")
    old = time.time_ns() - 2 * SETTLED_NS
    for path in store.root.rglob("meta.yaml"):
        os.utime(path, ns=(old, old))
    time.sleep(SETTLED_NS / 10**9)  # the time of the last change of a file cannot be set
    return store


def test_the_index_is_made_anew_where_it_is_missing_stale_or_broken(store: FileStore) -> None:
    filled(store)
    index = store.root / FILE
    assert store.get_latest_versions("iris")[0].version == "60"
    assert index.is_file()
    store.delete_model_version("iris", "60")
    assert store.get_latest_versions("iris")[0].version == "59"
    index.write_bytes(b"not a database, and longer than the head of one" * 9)
    assert store.get_latest_versions("iris")[0].version == "59"
    with sqlite3.connect(index) as database:
        assert database.execute("SELECT count(*) FROM meta").fetchone() == (59,)
    database.close()


def test_a_small_store_has_no_index(store: FileStore) -> None:
    store.create_model_version("iris", "/a")
    store.search_model_versions()
    assert not (store.root / FILE).exists()


def test_stages_and_runs_are_found_through_the_index_as_without_it(store: FileStore) -> None:
    filled(store)
    models = [store.create_logged_model("0", "model", source_run_id=None) for _ in range(60)]
    run_id = store.create_run("0", run_name="r", user_id="me", start_time=1, tags={}).info.run_id
    logged = store.create_logged_model("0", "model", source_run_id=run_id)
    time.sleep(SETTLED_NS / 10**9)
    for _ in range(2):  # the first look writes the index, the second uses it
        assert store.get_latest_versions("iris", ["Production"]) == []
        assert store.search_logged_models(["0"], source_run_id=run_id) == [logged]
    store.transition_model_version_stage("iris", "7", "Production")
    assert [found.version for found in store.get_latest_versions("iris", ["Production"])] == ["7"]
    assert len(store.search_logged_models(["0"], name="model")) == len(models) + 1


def test_the_highest_version_is_the_latest_unless_it_was_deleted_or_is_half_written(store: FileStore) -> None:
    assert store.get_latest_version("iris") is None
    made = [store.create_model_version("iris", f"/{at}") for at in range(11)]
    store.delete_model_version("iris", "11")
    (store.root / "models/iris/version-12").mkdir()
    assert store.get_latest_version("iris") == made[9]
