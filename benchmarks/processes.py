"""What a process and all its descendants use, read from ``/proc`` (Linux only)."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """The process and all its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            children.setdefault(int(stat[1]), []).append(int(entry.name))
    found = [root]
    for process in found:
        found.extend(children.get(process, ()))
    return found


def cpu_seconds(root: int) -> float:
    """CPU seconds of the tree so far, those of children that have ended included."""
    stats = [stat for process in tree(root) if (stat := _stat(process))]
    return sum(int(ticks) for stat in stats for ticks in stat[11:15]) / _TICKS


def memory_bytes(root: int) -> int:
    """Proportional set size of the tree: memory that processes share is counted once."""
    return sum(_rollup(process, "Pss:") for process in tree(root))


def own_bytes(root: int) -> int:
    """The same without what is mapped from files, whose share changes as other programs that map them come and go."""
    return sum(_rollup(process, "Pss_Anon:") + _rollup(process, "Pss_Shmem:") for process in tree(root))


def _stat(process: int) -> list[str] | None:
    """The fields of ``stat`` after the name, which may hold spaces; None for a process that has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _rollup(process: int, kind: str) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(kind)), 0)
