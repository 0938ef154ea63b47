"""Real tracking servers: ``mlflow server`` of either release, on a database and a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from mlpack.errors import StoreFailure
from mlpack.stores.rest import Session
from tests.interop.servers import PATIENCE, free_port

DATABASE = "mlflow.db"


@contextmanager
def tracking_server(
    python: Path, folder: Path, *options: str, environ: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The URI of a server with a SQLite database and proxied artifacts below ``folder``; ended on leaving."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    # fmt: off
    command: list[str | Path] = [
        python, "-W", "ignore", "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / DATABASE}",
        "--artifacts-destination", folder / "artifacts", *options,
    ]
    # fmt: on
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    with (
        (folder / "server.log").open("w") as output,
        subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PATH": path, **(environ or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            uri = f"http://127.0.0.1:{port}"
            _wait_until_healthy(uri, process)
            yield uri
        finally:
            # MLflow 2 leaves its workers behind when it alone is told.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)


def _wait_until_healthy(uri: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        session = Session(uri)
        try:
            with session.open("GET", "/health") as response:
                response.read()
            return
        except StoreFailure:
            time.sleep(0.2)
        finally:
            session.close()
    raise TimeoutError(f"no answer at {uri}")


def script(python: Path, uri: str, source: str, folder: Path, **environ: str) -> str:
    """What a script prints in a process of its own, for which ``uri`` is MLflow's tracking URI."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [python, "-W", "ignore", "-c", source],
        cwd=folder,
        env={**os.environ, "MLFLOW_TRACKING_URI": uri, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
