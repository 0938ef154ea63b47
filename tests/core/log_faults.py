"""Log and register a model again and again, each time killed at another file operation; prints what was left.

Run by ``test_log_model.py`` in a process of its own, because an audit hook cannot be removed: each is in a fork.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sklearn.dummy import DummyClassifier

import mlpack.sklearn
from mlpack.client import Client

FILE_EVENTS = {"open", "os.mkdir", "os.rename", "os.link", "os.chmod", "os.rmdir", "os.remove", "shutil.copyfile"}
INSTANTS = 20

MODEL = DummyClassifier(strategy="most_frequent").fit([[1.0], [2.0], [3.0]], [0, 1, 1])


def log(store: Path) -> None:
    """What every kill interrupts: a run with a model that is registered."""
    mlpack.set_tracking_uri(store)
    with mlpack.start_run():
        mlpack.sklearn.log_model(MODEL, "model", registered_model_name="net", pip_requirements=["scikit-learn"])


def forked(store: Path, kill_at: int) -> tuple[int, int]:
    """Log in a fork that is killed at its ``kill_at``-th file operation in the store; its status, and their number."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal count
            if event in FILE_EVENTS and str(arguments[0]).startswith(str(store)):
                count += 1
                if count == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        log(store)
        os.write(writer, str(count).encode())
        os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        return status, int(pipe.read() or 0)


def outcome(store: Path, kill_at: int) -> dict[str, Any]:
    """What one kill leaves, and whether all that is registered then loads, and after it what is registered next."""
    status, _ = forked(store, kill_at)
    client = Client(store.as_uri())
    registered = len(client.search_model_versions())
    broken = unloadable(client)
    log(store)
    broken += unloadable(client)
    versions = sorted(int(found.version) for found in client.search_model_versions())
    killed = os.WIFSIGNALED(status)
    return {"at": kill_at, "killed": killed, "registered": registered, "broken": broken, "versions": versions}


def unloadable(client: Client) -> list[str]:
    """The versions that cannot be loaded, with the reasons; versions lie about nothing, so there are none."""
    mlpack.set_tracking_uri(client.tracking_uri)
    found = []
    for version in client.search_model_versions():
        try:
            mlpack.sklearn.load_model(f"models:/{version.name}/{version.version}").predict([[1.0]])
        except Exception as error:  # noqa: BLE001  told to the test
            found.append(f"{version.version}: {error!r}")
    return found


def main(folder: Path) -> None:
    """Count the operations of one logging, then kill at 20 of them, spread from the first to the last."""
    log(folder / "warm-up")
    _, operations = forked(folder / "count", -1)
    instants = [1 + number * (operations - 1) // (INSTANTS - 1) for number in range(INSTANTS)]
    json.dump([outcome(folder / f"killed-{at}", at) for at in instants], sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
