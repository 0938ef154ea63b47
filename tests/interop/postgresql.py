"""A PostgreSQL of a test's own: a new cluster on a free port, owned by somebody who is not root, ended on leaving."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.interop.environments import packages
from tests.interop.servers import PATIENCE, free_port

#: Where Debian keeps what it does not put on PATH, the newest release first.
_FOLDERS = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
_FOUND = shutil.which("initdb", path=os.pathsep.join([os.environ.get("PATH", ""), *_FOLDERS]))
#: The folder of its programs; None where there is none.
BINARIES = Path(_FOUND).resolve().parent if _FOUND else None
_NAME, _PASSWORD = "eva", "for-this-test-only"


def driver() -> Path:
    """The folder with the driver that MLflow's users install, to be put on the path of Python."""
    return packages("psycopg2-binary==2.9.13")


@contextmanager
def postgresql() -> Iterator[str]:
    """The URI of an empty database."""
    assert BINARIES
    owner = "nobody" if os.getuid() == 0 else None  # PostgreSQL does not run as root
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="mlpack-") as name:
        password, cluster = Path(name, "password"), Path(name, "cluster")
        password.write_text(_PASSWORD)
        for path in (Path(name), password):
            shutil.chown(path, owner or os.getuid())
        access = ("--username", _NAME, "--pwfile", password, "--auth", "scram-sha-256")
        made: list[str | Path] = [BINARIES / "initdb", "--no-sync", "--encoding", "UTF8", *access, cluster]
        subprocess.run(made, user=owner, cwd=name, capture_output=True, check=True)
        options = ("-p", str(port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off")
        command: list[str | Path] = [BINARIES / "postgres", "-D", cluster, *options]
        with (
            Path(name, "log").open("w") as log,
            subprocess.Popen(command, user=owner, cwd=name, stdout=log, stderr=log) as process,
        ):
            try:
                _wait_until_ready([BINARIES / "pg_isready", "-h", "127.0.0.1", "-p", str(port)], process)
                yield f"postgresql+psycopg2://{_NAME}:{_PASSWORD}@127.0.0.1:{port}/postgres"
            finally:
                process.send_signal(signal.SIGINT)  # told to terminate, it would wait for those who read


def _wait_until_ready(asking: Sequence[str | Path], process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if subprocess.run(asking, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise TimeoutError("PostgreSQL does not answer")
