"""How many processors may be used."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

import pytest

from mlpack.processors import cgroup_limit, share, usable


@pytest.mark.skipif(sys.platform != "linux", reason="affinity of Linux")
def test_the_affinity_counts() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert (usable(), share(1), share(5)) == (1, 1, 1)
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(
    ("membership", "files", "limit"),
    [
        ("0::/a/b\n", {"a/b/cpu.max": "150000 100000\n"}, 1.5),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "200000 100000\n"}, 2),
        ("0::/of/the/host\n", {"cpu.max": "50000 100000\n"}, 0.5),
        ("4:cpu,cpuacct:/a\n0::/\n", {"cpu/a/cpu.cfs_quota_us": "300000\n", "cpu/a/cpu.cfs_period_us": "100000\n"}, 3),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, math.inf),
        ("4:cpuset:/\n0::/\n", {}, math.inf),
    ],
)
def test_the_limit_of_control_groups_counts(
    tmp_path: Path, membership: str, files: dict[str, str], limit: float
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert cgroup_limit(membership, tmp_path) == limit
