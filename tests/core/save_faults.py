"""Save a model again and again, each time with a fault at another file operation; prints what was left, as JSON.

Run by ``test_saving.py`` in a process of its own, because an audit hook cannot be removed: each save is in a fork.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import mlpack.sklearn

FILE_EVENTS = {"open", "os.mkdir", "os.rename", "os.chmod", "os.rmdir", "os.remove", "shutil.copyfile"}


FEATURES, LABELS = load_iris(return_X_y=True, as_frame=True)
MODEL = LogisticRegression(max_iter=500).fit(FEATURES, LABELS)


def save(path: Path) -> None:
    """Package a small model; what every fault interrupts."""
    mlpack.sklearn.save_model(MODEL, path, input_example=FEATURES.head(3), code_paths=[__file__])


def forked(path: Path, fault_at: int, fault: str) -> tuple[int, int]:
    """Save in a fork that meets a fault; its exit status, and how many file operations it made in the target's parent.

    ``fail`` and ``kill`` happen at the ``fault_at``-th operation; ``full`` lets no file grow over ``fault_at`` bytes.
    """
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
            if count == fault_at and fault == "fail":
                raise OSError(errno.ENOSPC, "No space left on device")

        sys.addaudithook(hook)
        if fault == "full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (fault_at, fault_at))
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


def outcome(path: Path, fault_at: int, fault: str) -> dict[str, Any]:
    """What one fault leaves, and what is there after the next save, which must work."""
    path.parent.mkdir()
    status, _ = forked(path, fault_at, fault)
    whole, complete = path.exists(), (path / "MLmodel").exists()
    hidden = len(list(path.parent.iterdir())) - whole
    if not whole:
        save(path)
    mlpack.sklearn.load_model(path)
    after = sorted(entry.name for entry in path.parent.iterdir())
    found = {"status": status, "whole": whole, "complete": complete, "hidden": hidden, "after": after}
    return {"fault": fault, "at": fault_at, **found}


def main(folder: Path) -> None:
    """Count the operations of one save, then meet each fault at 20 points spread over them, or over the sizes.

    The first operation looks for what others left behind, and the last comes after the rename: neither can fail a save.
    """
    save(folder / "warm-up" / "model")
    files = [entry for entry in (folder / "warm-up" / "model").rglob("*") if entry.is_file()]
    largest = max(entry.stat().st_size for entry in files)
    _, operations = forked(folder / "count" / "model", -1, "none")
    faults = [(fault, 2 + number * (operations - 3) // 19) for fault in ("fail", "kill") for number in range(20)]
    faults += [("full", number * (largest - 1) // 19) for number in range(20)]
    json.dump([outcome(folder / f"{fault}-{at}" / "model", at, fault) for fault, at in faults], sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
