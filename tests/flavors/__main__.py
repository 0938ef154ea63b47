"""``python -m tests.flavors [GROUP...]``: test flavors in environments of their own, beside real MLflow.

Environments are kept outside the clone; making one takes minutes, once for each content.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path
from typing import Any

from tests.flavors.groups import GROUPS, ROOT, frameworks
from tests.interop.environments import environment

TOOLS = ("httpx2", "pytest", "scikit-learn")
MLFLOW = "mlflow-skinny==3.17.2"  # MLflow without its server and its user interface


def main(groups: list[str]) -> int:
    """Test all groups, unless some are named; 1 if any failed."""
    failed = [group for group in groups or GROUPS if not _passes(group)]
    print(f"failed: {', '.join(failed)}" if failed else "all groups passed", flush=True)
    return 1 if failed else 0


def _passes(group: str) -> bool:
    print(f"\n=== {group}: {', '.join(frameworks(group))}", flush=True)
    python = environment((*_own(), *TOOLS, MLFLOW, *frameworks(group)))
    flavors = GROUPS[group]
    folder = Path("tests", "flavors")
    own = [path for flavor in flavors for path in (folder / "apart").glob(f"test_{flavor}.py")]
    named = [f"--flavor={flavor}" for flavor in flavors]
    # Frameworks warn when they are imported, of each other and of what they will change.
    command: list[Any] = [
        python,
        "-m",
        "pytest",
        "-W",
        "default",
        folder / "test_conformance.py",
        folder / "apart/test_mlflow.py",
    ]
    path = os.pathsep.join(map(str, (ROOT, ROOT / "flavors", ROOT / "serving")))
    ran = subprocess.run([*command, *own, *named], cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, check=False)
    return ran.returncode == 0


def _own() -> list[str]:
    """What mlpack itself needs; it is tested from the clone."""
    return [line for line in requires("mlpack-models") or () if "extra ==" not in line]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
