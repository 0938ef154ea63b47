"""The whole way in one go: train, package, serve, ask about three flowers, stop. This is what ``make demo`` runs."""

from __future__ import annotations

import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
REQUEST = HERE / "request.json"
START_SECONDS = 60
STOP_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(package: Path) -> Iterator[str]:
    """Serve the package in a process of its own, which ends with the block, however that ends."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = ["mlpack", "models", "serve", "-m", str(package), "-p", str(port)]
    print(f"$ {shlex.join(command)}")
    log = package.with_suffix(".log")
    with log.open("wb") as sink:
        server = subprocess.Popen([sys.executable, "-m", *command], stdout=sink, stderr=sink)
    try:
        wait_until_ready(url, server, log)
        yield url
    finally:
        server.terminate()
        try:
            print(f"server {server.pid} stopped with exit code {server.wait(timeout=STOP_SECONDS)}")
        except subprocess.TimeoutExpired:
            server.kill()
            raise


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/ping", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"the server did not start:\n{log.read_text()}")


def ask(url: str) -> str:
    """Post the request with curl, or with Python's own client where there is no curl."""
    command = ["curl", "-sS", "--fail-with-body", url, "-H", "Content-Type: application/json", "-d", f"@{REQUEST}"]
    print(f"$ {shlex.join(command)}")
    if shutil.which("curl"):
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    request = urllib.request.Request(url, REQUEST.read_bytes(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        text: str = answer.read().decode()
    return text


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "iris-model"
        train = ["python", str(HERE / "train.py"), str(package)]
        print(f"$ {shlex.join(train)}")
        subprocess.run([sys.executable, *train[1:]], check=True)
        print(f"wrote {', '.join(sorted(item.name for item in package.iterdir()))}\n")
        with serving(package) as url:
            print(f"\n{REQUEST.name} holds\n{REQUEST.read_text()}")
            print(ask(f"{url}/invocations"), end="\n\n")


if __name__ == "__main__":
    main()
