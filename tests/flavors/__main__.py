"""``python -m tests.flavors [GROUP...]``: test flavors in environments of their own, beside real MLflow.

Environments are kept outside the clone; making one takes minutes, once for each content. Two groups are tested at a
time: much of it is waiting for packages to come and for frameworks to start.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import requires
from pathlib import Path

from tests.flavors.groups import GROUPS, ROOT, frameworks
from tests.interop.environments import environment

TOOLS = ("httpx2", "pytest", "scikit-learn")
MLFLOW = "mlflow-skinny==3.17.2"  # MLflow without its server and its user interface
FOLDER = Path("tests", "flavors")

#: No test needs anything of the Hugging Face hub, and one that asks fails at once. Threads of two groups that wait for
#: each other on the same processors take ten times as long.
VARIABLES = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def main(named: list[str]) -> int:
    """Test all groups, unless some are named; 1 if any failed."""
    groups = named or list(GROUPS)
    passed: dict[str, bool] = {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        for group, ran in zip(groups, pool.map(_run, groups), strict=True):
            print(f"\n=== {group}: {', '.join(frameworks(group))}\n{ran.stdout}", flush=True)
            passed[group] = ran.returncode == 0
    failed = [group for group in groups if not passed[group]]
    print(f"failed: {', '.join(failed)}" if failed else f"{len(groups)} passed, 0 failed", flush=True)
    return 1 if failed else 0


def _run(group: str) -> subprocess.CompletedProcess[str]:
    flavors = GROUPS[group]
    python = environment((*_own(), *TOOLS, MLFLOW, *frameworks(group)))
    apart = [path for each in ("mlflow", *flavors) for path in (FOLDER / "apart").glob(f"test_{each}*.py")]
    chosen = [f"--flavor={flavor}" for flavor in flavors]
    # Frameworks warn when they are imported, of each other and of what they will change.
    command: list[str | Path] = [python, "-m", "pytest", "-W", "default", *chosen]
    path = os.pathsep.join(map(str, (ROOT, ROOT / "flavors", ROOT / "serving")))
    return subprocess.run(
        [*command, FOLDER / "test_conformance.py", *apart],
        cwd=ROOT,
        env={**os.environ, **VARIABLES, "PYTHONPATH": path},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _own() -> list[str]:
    """What mlpack itself needs; it is tested from the clone."""
    return [line for line in requires("mlpack-models") or () if "extra ==" not in line]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
