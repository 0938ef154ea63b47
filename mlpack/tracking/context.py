"""Where a run or a model comes from: the tags by which MLflow's pages show its user, script and commit."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from mlpack.client.runs import USER

_GIT_SECONDS = 5


def source_tags() -> dict[str, str]:
    """Tags that every new run and logged model gets unless its maker says otherwise."""
    script = sys.argv[0] if sys.argv else ""
    tags = {USER: _user(), "mlflow.source.name": script or "<console>", "mlflow.source.type": "LOCAL"}
    return tags | (_git_tags(Path(script).absolute().parent) if script else {})


def _user() -> str:
    try:
        return os.environ.get("MLFLOW_TRACKING_USERNAME") or getpass.getuser()
    except (ImportError, KeyError, OSError):  # a user id without a name, as containers have them
        return "unknown"


@lru_cache(maxsize=8)
def _git_tags(folder: Path) -> dict[str, str]:
    """The commit and branch that are checked out at ``folder``; nothing where there is no git or no commit."""
    command = ["git", "-C", str(folder), "rev-parse", "HEAD", "--abbrev-ref", "HEAD"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=True)
        commit, branch = run.stdout.split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}
    named = {} if branch == "HEAD" else {"mlflow.source.git.branch": branch}
    return {"mlflow.source.git.commit": commit} | named
