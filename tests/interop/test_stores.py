"""Stores that one side wrote, as the other reads them: the same runs, versions, aliases and predictions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Mlflow
from tests.interop.environments import MLFLOWS
from tests.interop.postgresql import BINARIES, driver, postgresql
from tests.interop.servers import served
from tests.interop.tracking import DATABASE, script, tracking_server

HERE = Path(__file__).parent
NEWEST, BEFORE = MLFLOWS
#: Kinds of stores on this machine that are all in one folder, which can be moved.
LOCAL = [(release, kind) for release in MLFLOWS for kind in ("folder", "database")]
STORES = [*LOCAL, *((release, "server") for release in MLFLOWS), (NEWEST, "PostgreSQL")]
#: In how many ways a story names its packages, before there were logged models.
FORMS = 20
REQUEST = json.dumps({"inputs": [[1.0], [2.0]]})
Told = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One of the two libraries, in the Python that has it."""

    library: str
    python: Path

    def write(self, uri: str, folder: Path) -> None:
        """Log and register the story of the ledger, under names that begin with the library's."""
        self._run(f"ledger.write(library, {self.library!r})", uri, folder)

    def tell(self, uri: str, folder: Path) -> Told:
        """What the library reads in a store."""
        told: Told = json.loads(self._run("print(json.dumps(ledger.tell(library)))", uri, folder).splitlines()[-1])
        return told

    def _run(self, statement: str, uri: str, folder: Path) -> str:
        path = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
        environ = {"PYTHONPATH": path, "MLFLOW_ALLOW_FILE_STORE": "true", "MLPACK_CACHE_ROOT": f"{folder}/cache"}
        return script(
            self.python, uri, f"import json, ledger, {self.library} as library; {statement}", folder, **environ
        )


OURS = Side("mlpack", Path(sys.executable))


@dataclass(frozen=True)
class Written:
    """A store that MLflow of a release wrote, below a folder, and how that release tells it."""

    folder: Path
    uri: str
    told: Told


@pytest.fixture(scope="module")
def theirs(mlflow: Callable[[str], Mlflow]) -> Callable[[str], Side]:
    """MLflow of a release."""
    return lambda release: Side("mlflow", mlflow(release).python)


@pytest.fixture(scope="module", params=STORES, ids="-".join)
def written(
    request: pytest.FixtureRequest, theirs: Callable[[str], Side], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Written]:
    """A store that MLflow wrote; into that of a server mlpack wrote the same story under names of its own."""
    release, kind = request.param
    side = theirs(release)
    folder = tmp_path_factory.mktemp(f"by-{release}") / "stores"
    folder.mkdir()
    if kind == "server":
        with tracking_server(side.python, folder) as uri:
            side.write(uri, folder)
            OURS.write(uri, folder)
            yield Written(folder, uri, side.tell(uri, folder))
    elif kind == "PostgreSQL":
        if BINARIES is None:
            pytest.skip("no PostgreSQL is installed")
        with postgresql() as uri, pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", str(driver()))
            side.write(uri, folder)
            yield Written(folder, uri, side.tell(uri, folder))
    else:
        uri = (folder / "mlruns").as_uri() if kind == "folder" else f"sqlite:///{folder / DATABASE}"
        side.write(uri, folder)
        yield Written(folder, uri, side.tell(uri, folder))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which mlpack wrote ``mlruns``."""
    folder = tmp_path_factory.mktemp("by-mlpack") / "stores"
    OURS.write((folder / "mlruns").as_uri(), folder)
    return folder


def command(*words: str, stdin: str = "") -> str:
    """What ``mlpack models`` prints."""
    asked = [sys.executable, "-m", "mlpack", "models", *words]
    return subprocess.run(asked, input=stdin, capture_output=True, text=True, check=True).stdout


def refused(told: Told) -> set[str]:
    """The URIs whose packages could not be loaded."""
    return {uri for uri, answer in told["answers"].items() if isinstance(answer, str)}


def test_we_read_what_mlflow_wrote_as_it_does_by_every_uri(written: Written, tmp_path: Path) -> None:
    assert refused(written.told) == set()
    assert len(written.told["answers"]) >= FORMS
    assert OURS.tell(written.uri, tmp_path) == written.told


@pytest.mark.parametrize(
    "written", [one for one in STORES if NEWEST in one], indirect=True, ids="-".join, scope="module"
)
def test_every_command_works_on_what_mlflow_wrote(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLPACK_TRACKING_URI", written.uri)
    monkeypatch.setenv("MLPACK_CACHE_ROOT", str(tmp_path / "cache"))
    answers = written.told["answers"]
    of_run = next(uri for uri in answers if uri.startswith("runs:/") and uri.endswith("/model"))
    for uri in (of_run, "models:/mlflow-net@champion"):
        predictions = {"predictions": answers[uri]}
        with served(OURS.python, "mlpack", uri, tmp_path / "log") as server, server.connect() as connection:
            connection.request("POST", "/invocations", REQUEST, {"Content-Type": "application/json"})
            assert json.load(connection.getresponse()) == predictions
        assert "sklearn" in command("inspect", "-m", uri)
        assert "mlflow.sklearn" in command("validate", "-m", uri)
        assert json.loads(command("predict", "-m", uri, stdin=REQUEST)) == predictions


@pytest.mark.parametrize("written", LOCAL, indirect=True, ids="-".join, scope="module")
def test_what_mlflow_wrote_is_read_where_it_was_moved_to(written: Written, tmp_path: Path) -> None:
    moved = shutil.move(written.folder, tmp_path / "moved")
    try:
        told = OURS.tell(written.uri.replace(str(written.folder), str(moved)), tmp_path)
    finally:
        shutil.move(moved, written.folder)
    wanted = written.told
    # A path names the place before; how it is told is not asked here.
    named = [uri for uri in wanted["answers"] if uri.startswith(("runs:", "models:"))]
    assert [told["answers"][uri] for uri in named] == [wanted["answers"][uri] for uri in named]
    for part in ("experiments", "runs", "models", "versions"):
        assert told[part] == wanted[part]


def test_mlflow_reads_the_folder_that_we_wrote_as_we_do(
    ours: Path, theirs: Callable[[str], Side], tmp_path: Path
) -> None:
    uri = (ours / "mlruns").as_uri()
    told = OURS.tell(uri, tmp_path)
    assert refused(told) == set()
    assert theirs(NEWEST).tell(uri, tmp_path) == told


def test_the_mlflow_before_logged_models_reads_all_else_of_it(
    ours: Path, theirs: Callable[[str], Side], tmp_path: Path
) -> None:
    uri = (ours / "mlruns").as_uri()
    told, by_it = OURS.tell(uri, tmp_path), theirs(BEFORE).tell(uri, tmp_path)
    unknown = {name for name in told["answers"] if name.startswith(("models:/m-", "runs:")) and "packages" not in name}
    assert refused(by_it) == unknown
    for name in unknown:
        del told["answers"][name], by_it["answers"][name]
    assert by_it == told


def test_what_we_wrote_is_the_same_after_mlflow_migrated_it(
    ours: Path, theirs: Callable[[str], Side], tmp_path: Path
) -> None:
    before = OURS.tell((ours / "mlruns").as_uri(), tmp_path)
    uri = f"sqlite:///{tmp_path / DATABASE}"
    migrate = f"from mlflow.cli import cli; cli(['migrate-filestore', '--source', {str(ours)!r}, '--target', {uri!r}])"
    script(theirs(NEWEST).python, "", migrate, tmp_path, MLFLOW_ALLOW_FILE_STORE="true")
    assert OURS.tell(uri, tmp_path) == before
    assert theirs(NEWEST).tell(uri, tmp_path) == before
