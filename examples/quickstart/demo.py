"""The whole way in one go: train, package, serve, ask about three flowers, stop. This is what ``make demo`` runs."""

from __future__ import annotations

import json
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

from train import train_and_save

REQUEST = {
    "dataframe_split": {
        "columns": ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"],
        "data": [[5.1, 3.5, 1.4, 0.2], [5.9, 2.8, 4.5, 1.3], [6.5, 3.0, 5.8, 2.2]],
    }
}
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(package: Path) -> Iterator[str]:
    """Serve the package in a process of its own that ends with the block, however the block ends."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = ["mlpack", "models", "serve", "-m", str(package), "-p", str(port)]
    print(f"$ {shlex.join(command)}")
    log = package.with_suffix(".log")
    with log.open("wb") as sink:
        # The mlpack beside this Python, whether or not its environment is activated.
        program = str(Path(sys.executable).with_name(command[0]))
        server = subprocess.Popen([program, *command[1:]], stdout=sink, stderr=sink)
    try:
        wait_until_ready(url, server, log)
        yield url
    finally:
        server.terminate()
        print(f"server {server.pid} stopped with exit code {server.wait(timeout=30)}")


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/ping", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"the server did not start:\n{log.read_text()}")


def ask(url: str, body: str) -> str:
    """Post a JSON body with curl, or with Python's own client where there is no curl."""
    command = ["curl", "-sS", "--fail-with-body", url, "-H", "Content-Type: application/json", "-d", body]
    print(f"$ {shlex.join(command)}")
    if shutil.which("curl"):
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    request = urllib.request.Request(url, body.encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        text: str = answer.read().decode()
    return text


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "iris-model"
        train_and_save(package)
        print(f"trained and packaged: {', '.join(sorted(item.name for item in package.iterdir()))}\n")
        with serving(package) as url:
            print(f"\n{ask(f'{url}/invocations', json.dumps(REQUEST))}\n")


if __name__ == "__main__":
    main()
