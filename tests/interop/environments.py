"""Environments that hold a real MLflow and no mlpack, made once and kept outside the clone by what they hold."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

#: Pickles pass between the two sides, so what wrote them must be of one version on both.
SHARED = ("numpy", "scipy", "scikit-learn", "cloudpickle", "pydantic")

#: MLflow 2.22 broke on Starlette 1 and on SQLAlchemy 2.1, which it did not yet know to exclude.
MLFLOWS = {
    "3.17.2": ("mlflow==3.17.2", "pandas=={pandas}", "skops=={skops}", "httpx2", "Flask-WTF<2"),
    "2.22.5": ("mlflow==2.22.5", "pandas<3", "starlette<1", "sqlalchemy<2.1", "httpx"),
}


def interpreter(mlflow: str) -> Path:
    """The Python of an environment with that MLflow; made on first use, which takes minutes."""
    return environment(requirements(mlflow))


def requirements(mlflow: str) -> tuple[str, ...]:
    """What such an environment holds."""
    own = {name: version(name) for name in ("pandas", "skops")}
    return pins() + tuple(line.format(**own) for line in MLFLOWS[mlflow])


def pins(*more: str) -> tuple[str, ...]:
    """Requirement lines for the versions that are installed here, of what both sides share and of ``more``."""
    return tuple(f"{name}=={version(name)}" for name in (*SHARED, *more))


def environment(lines: Sequence[str]) -> Path:
    """The Python of an environment that holds just these requirement lines, shared by all runs that want the same."""
    key = hashlib.sha256("\n".join((sys.version, *lines)).encode()).hexdigest()[:16]
    folder = cache() / key
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "bin" / "python"
    done = folder / "requirements.txt"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            venv.create(folder, with_pip=True, clear=False)
            subprocess.run([python, "-m", "pip", "install", "-qq", *lines], check=True)
            done.write_text("\n".join(lines) + "\n")
    return python


def packages(*lines: str) -> Path:
    """The folder of an environment's packages, to be put on the path of another Python."""
    return next(environment(lines).parents[1].glob("lib/python*/site-packages"))


def cache() -> Path:
    """Where environments are kept: outside the clone, so that a fresh clone finds them."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mlpack-interop"
