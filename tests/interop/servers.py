"""Real servers: ``models serve`` of either library, as a process of its own on a free port."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 120
STOPPING = 30


@dataclass(frozen=True)
class Server:
    """A server that answers: the process that was started, and where it listens."""

    process: int
    port: int

    @contextmanager
    def connect(self) -> Iterator[http.client.HTTPConnection]:
        """A connection that is kept between requests, until it is left."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            yield connection


@contextmanager
def served(python: Path, library: str, package: Path | str, log: Path) -> Iterator[Server]:
    """``models serve`` of a folder or URI by the library that this Python has, once it is healthy; ended on leaving."""
    port = free_port()
    command = [library, "models", "serve", "-m", str(package), "-p", str(port), "-w", "1", "--env-manager", "local"]
    with listening(python, command, port, log) as server:
        yield server


@contextmanager
def listening(
    python: Path, command: Sequence[str], port: int, log: Path, *, health: str = "/health", **variables: str
) -> Iterator[Server]:
    """A server that a command of the environment of ``python`` starts, once it is healthy.

    On leaving it is ended, and with it whatever processes it left behind.
    """
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    with (
        log.open("w") as output,
        subprocess.Popen(
            command,
            cwd=log.parent,
            env={**os.environ, "PATH": path, **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            server = Server(process.pid, port)
            if not _healthy(server, process, health):
                raise TimeoutError(
                    f"{command[0]} does not answer on port {port}; its log ends: {log.read_text()[-2000:]}"
                )
            yield server
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=STOPPING)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _healthy(server: Server, process: subprocess.Popen[bytes], path: str) -> bool:
    """Whether the server says so before it ends, or PATIENCE does."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with server.connect() as connection:
                connection.request("GET", path)
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return True
        except OSError:
            pass
        time.sleep(0.05)
    return False
