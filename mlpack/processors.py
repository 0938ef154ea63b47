"""How many processors this process may use, and how numeric libraries are kept to a share of them."""

from __future__ import annotations

import math
import os
from pathlib import Path

#: What numeric libraries read, when they are loaded, to know how many threads they may start; joblib reads the last.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
_CGROUPS = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")


def usable() -> int:
    """Processors that this process may use: its affinity, and the limit of its control group, which a container has."""
    affine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    granted = cgroup_limit(_MEMBERSHIP.read_text(), _CGROUPS) if _MEMBERSHIP.exists() else math.inf
    return max(1, min(affine, math.ceil(granted) if granted < affine else affine))


def share(workers: int) -> int:
    """The threads that each of so many processes should start so that together they do not exceed the processors."""
    return max(1, usable() // workers)


def thread_variables(threads: int) -> dict[str, str]:
    """Variables that have libraries which are loaded later start so many threads, but for those the user has set."""
    return {name: str(threads) for name in _THREAD_VARIABLES if name not in os.environ}


def cgroup_limit(membership: str, root: Path) -> float:
    """Processors' worth of time that control groups grant, of version 1 or 2; infinite where they set no limit.

    ``membership`` is the text of ``/proc/self/cgroup``. The groups around a group limit it too. Source: the kernel's
    cgroup-v2 and CFS bandwidth documentation.
    """
    limit = math.inf
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        base = root / "cpu" if controllers else root
        # In a container the path can be the host's, of which only the root is to be seen.
        group = base / path.lstrip("/")
        for folder in (group, *group.parents):
            if folder.is_relative_to(base):
                limit = min(limit, _limit_of(folder))
    return limit


def _limit_of(group: Path) -> float:
    try:
        if (group / "cpu.max").exists():
            quota, period = (group / "cpu.max").read_text().split()
        else:
            quota, period = ((group / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        granted = float(quota) / float(period)
    except (OSError, ValueError):  # no such file, or "max"
        return math.inf
    return granted if granted > 0 else math.inf  # -1: no limit
