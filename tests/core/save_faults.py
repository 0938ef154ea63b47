"""Save a model again and again, each time with a fault at another file operation; prints what was left, as JSON.

Run by ``test_saving.py`` in a process of its own, because an audit hook cannot be removed: each save is in a fork.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import mlpack.sklearn

FILE_EVENTS = {"open", "os.mkdir", "os.rename", "os.chmod", "os.rmdir", "os.remove", "shutil.copyfile"}


def save(path: Path) -> None:
    """Train and package a small model; what every fault interrupts."""
    features, labels = load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression(max_iter=500).fit(features, labels)
    mlpack.sklearn.save_model(model, path, input_example=features.head(3), code_paths=[__file__])


def forked(path: Path, fault_at: int, fault: str) -> tuple[int, int]:
    """Save in a fork where the ``fault_at``-th file operation below the target's folder fails; status and operations."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal count
            if event not in FILE_EVENTS or not str(arguments[0]).startswith(str(path.parent)):
                return
            count += 1
            if count == fault_at and fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if count == fault_at:
                raise OSError(errno.ENOSPC, "No space left on device")

        sys.addaudithook(hook)
        try:
            save(path)
            status = 0
        except OSError:
            status = 1
        os.write(writer, str(count).encode())
        os._exit(status)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        counted = pipe.read()
    return status, int(counted or 0)


def main(folder: Path) -> None:
    """Count the operations of one save, then fault at 20 points spread over them, twice: failing, and killed."""
    save(folder / "warm-up" / "model")
    _, operations = forked(folder / "count" / "model", -1, "none")
    outcomes = []
    for fault in ("fail", "kill"):
        for number in range(20):
            fault_at = 1 + number * (operations - 1) // 19
            path = folder / f"{fault}-{number}" / "model"
            path.parent.mkdir()
            status, _ = forked(path, fault_at, fault)
            whole = path.exists()
            complete = (path / "MLmodel").exists()
            hidden = len(list(path.parent.iterdir())) - whole
            if not whole:
                save(path)
            outcomes.append(
                {
                    "fault": fault,
                    "at": fault_at,
                    "status": status,
                    "whole": whole,
                    "complete": complete,
                    "hidden": hidden,
                    "left_after_next": sorted(entry.name for entry in path.parent.iterdir()),
                }
            )
    json.dump({"operations": operations, "outcomes": outcomes}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
