"""Models to serve, and two ways to serve them: in this process without sockets, and in real server processes."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from starlette.testclient import TestClient
from xgboost import XGBClassifier

import mlpack.pyfunc
import mlpack.sklearn
from mlpack_serving.app import ScoringApp
from mlpack_serving.settings import Settings
from tests.serving.malformed import model as typed

MODELS = Path(__file__).parent / "models"
ROWS = pd.DataFrame([[1.0, 2.0], [2.0, 1.0], [7.0, 8.0], [8.0, 7.0]], columns=["length", "width"])

#: ``package("name")``: the package of ``models/name.py``, or of the fitted model that is called "flowers" or "boosted",
#: or "typed", which has columns of every type.
Package = Callable[[str], Path]
#: ``client("name", option=...)``: a client of the application that serves that package.
Client = Callable[..., TestClient]
#: ``server("name", option=...)``: a process that serves that package.
StartServer = Callable[..., "Server"]


@dataclass(frozen=True)
class Server:
    """A server in a process of its own; ``log`` is what it writes to stderr."""

    process: subprocess.Popen[bytes]
    log: Path
    port: int

    def connect(self) -> socket.socket:
        """A connection to it, on which nothing is waited for longer than ten seconds."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def exchange(self, *parts: bytes) -> bytes:
        """Send the parts on a connection of their own; returns all that comes until the server closes it."""
        with self.connect() as connection:
            for part in parts:
                connection.sendall(part)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def post(self, body: bytes, *headers: str) -> tuple[int, bytes]:
        """Status and body of the answer to a request to predict."""
        answer = self.exchange(request(body, "connection: close", *headers))
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), content

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of the answer to a GET."""
        answer = self.exchange(f"GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n".encode())
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), content

    def children(self) -> list[int]:
        """The ids of its worker processes."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii")
        return [int(word) for word in listed.split()]

    def stop(self, sig: int = signal.SIGTERM) -> int:
        """Tell it to end; returns its exit code."""
        self.process.send_signal(sig)
        return self.process.wait(timeout=30)


def request(body: bytes, *headers: str) -> bytes:
    """The bytes of a request to predict."""
    lines = ["POST /invocations HTTP/1.1", "host: test", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """Packages by name, each made when it is first asked for. That of "boosted" holds XGBoost in a pipeline."""
    folder = tmp_path_factory.mktemp("packages")

    def get(name: str) -> Path:
        path = folder / name
        if path.exists():
            return path
        if name == "flowers":
            model = LogisticRegression().fit(ROWS, [0, 0, 1, 1])
            mlpack.sklearn.save_model(model, path, input_example=ROWS)
        elif name == "typed":
            typed.save(path)
        elif name == "boosted":
            boosted = make_pipeline(StandardScaler(), XGBClassifier(n_estimators=2)).fit(ROWS, [0, 0, 1, 1])
            mlpack.sklearn.save_model(boosted, path, input_example=ROWS)
        else:
            example = [1.0] if name == "broken" else None
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("MLPACK_TEST_SAVING", "1")
                code = MODELS / f"{name}.py"
                mlpack.pyfunc.save_model(path, python_model=code, input_example=example, pip_requirements=[])
        return path

    return get


@pytest.fixture
def client(package: Package) -> Iterator[Client]:
    """Clients of applications in this process; what the application raises is an error of the test."""
    with ExitStack() as stack:

        def make(name: str, **options: float | str) -> TestClient:
            app = ScoringApp(mlpack.pyfunc.load_model(package(name)), Settings(**options))  # type: ignore[arg-type]
            return stack.enter_context(TestClient(app))

        yield make


@pytest.fixture
def server(package: Package, tmp_path: Path) -> Iterator[StartServer]:
    """Server processes, each ended with the test."""
    with _servers(package, tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def shared_server(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Server processes that serve all tests of a file."""
    with _servers(package, tmp_path_factory.mktemp("servers")) as start:
        yield start


@contextmanager
def _servers(package: Package, folder: Path) -> Iterator[StartServer]:
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str | Path, script: str = "run_server.py", **options: float | str) -> Server:
        log = folder / f"server-{len(started)}.log"
        served = package(name) if isinstance(name, str) else name
        words = [str(MODELS.with_name(script)), str(served), json.dumps({"port": 0, "lame_duck": 0, **options})]
        command = [sys.executable, "-W", "error", *words]
        with log.open("wb") as sink:
            process = subprocess.Popen(command, stdout=sink, stderr=sink)
        started.append(process)
        return Server(process, log, _port(process, log))

    try:
        yield start
    finally:
        for process in started:
            process.terminate()
        for process in started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """Where a server says that it listens."""
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        if found := re.search(r" at https?://127\.0\.0\.1:(\d+)[\n\"]", log.read_text("utf-8")):
            return int(found[1])
        time.sleep(0.02)
    raise AssertionError(log.read_text("utf-8"))
