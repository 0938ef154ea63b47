"""What is lost when workers die or are stopped, and when the next takes their place."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

from benchmarks.faults.load import ECHO, ask, load
from benchmarks.faults.rows import Figure, fault
from benchmarks.faults.servers import running

TIMES = 3
PATIENCE = 60.0


@fault
def kill_a_worker() -> Iterator[Figure]:
    """SIGKILL of one of two workers, three times under load."""
    answered_again: list[float] = []
    back: list[float] = []
    with running("obedient", "-w", "2") as server, load(server.port, ECHO, clients=8) as asking:
        dead: list[int] = []
        for _ in range(TIMES):
            before = answering(server.port)
            dead.append(min(before))
            os.kill(dead[-1], signal.SIGKILL)
            began = time.monotonic()
            while ask(server.port, ECHO)[0] != 200:
                pass
            answered_again.append(time.monotonic() - began)
            back.append(until_replaced(server.port, before, began))
            time.sleep(1)
    held = sum(each.worker in {*dead, None} for each in asking.lost)
    others = asking.failed() - held
    yield Figure(f"requests lost in {TIMES} kills that other workers held ({held} lost by the dead)", others, 0)
    yield Figure("first good answer after", max(answered_again), 0.5, "s")
    yield Figure("worker back after", max(back), 2, "s")


@fault
def stop_a_worker() -> Iterator[Figure]:
    """SIGSTOP of one of two workers."""
    with running("obedient", "-w", "2") as server:
        before = answering(server.port)
        os.kill(min(before), signal.SIGSTOP)
        began = time.monotonic()
        while min(before) in server.workers() or len(server.workers()) < len(before):
            time.sleep(0.02)
        yield Figure("stopped worker replaced after", time.monotonic() - began, 5, "s")
        yield Figure("all answer again after", until_replaced(server.port, before, began), 5, "s")


@fault
def kill_the_supervisor() -> Iterator[Figure]:
    """SIGKILL of the first process, while a worker predicts."""
    with running("obedient", "-w", "2") as server, load(server.port, b'{"input": "echo", "sleep": 20}', clients=1):
        workers = answering(server.port)
        os.kill(server.process, signal.SIGKILL)
        began = time.monotonic()
        while any(map(lives, workers)) and time.monotonic() < began + PATIENCE:
            time.sleep(0.02)
        yield Figure("last worker gone after", time.monotonic() - began, 5, "s")


def answering(port: int, count: int = 2) -> set[int]:
    """The processes that answer, when there are so many."""
    found: set[int] = set()
    began = time.monotonic()
    while len(found) < count and time.monotonic() < began + PATIENCE:
        status, body = ask(port, ECHO)
        if status == 200:
            found.add(body["pid"])
    return found


def until_replaced(port: int, before: set[int], began: float) -> float:
    """Seconds from ``began`` until a process answers that was not there before."""
    while time.monotonic() < began + PATIENCE:
        status, body = ask(port, ECHO)
        if status == 200 and body["pid"] not in before:
            break
    return time.monotonic() - began


def lives(process: int) -> bool:
    """Whether a process is there, and not only its exit status."""
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
