"""Real servers: ``models serve`` of either library, as a process of its own on a free port."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 120


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
    command: list[str | Path] = [python, "-m", library, "models", "serve", "-m", package, "-p", str(port), "-w", "1"]
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [*command, "--env-manager", "local"],
            cwd=log.parent,
            env={**os.environ, "PATH": path},
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            server = Server(process.pid, port)
            _wait_until_healthy(server, process)
            yield server
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with server.connect() as connection:
                connection.request("GET", "/health")
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"no answer on port {server.port}")
