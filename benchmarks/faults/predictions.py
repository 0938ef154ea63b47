"""What is lost when predictions hang, fail, or end their process."""

from __future__ import annotations

import time
from collections.abc import Iterator

import orjson

from benchmarks.faults.load import ECHO, ask, load
from benchmarks.faults.rows import Figure, fault
from benchmarks.faults.servers import running
from benchmarks.faults.workers import answering, until_replaced

TIMES = 10
TIMEOUT = 1.0


@fault
def predict_hangs() -> Iterator[Figure]:
    """A prediction that never ends, with two workers."""
    with running("obedient", "-w", "2", "-t", f"{TIMEOUT}") as server:
        before = answering(server.port)
        began = time.monotonic()
        status, _ = ask(server.port, b'{"input": "echo", "sleep": 3600}')
        yield Figure("answered 504 so long after its timeout", time.monotonic() - began - TIMEOUT, 0.5, "s")
        yield Figure("answered otherwise", status != 504, 0)
        yield Figure("worker replaced after", until_replaced(server.port, before, time.monotonic()), 2, "s")


@fault
def predict_holds_the_interpreter() -> Iterator[Figure]:
    """A prediction that does not let the event loop turn: for as long as it may take, and for ever."""
    with running("obedient", "-w", "2", "-t", "10") as server:
        status, _ = ask(server.port, b'{"input": "hold", "seconds": 8}')
        yield Figure("of 1 that is slow not answered 200", status != 200, 0)
        before = answering(server.port)
        began = time.monotonic()
        ask(server.port, b'{"input": "hold", "seconds": 3600}')
        yield Figure("worker replaced after, its 10 s included", until_replaced(server.port, before, began), 16, "s")


@fault
def predict_raises() -> Iterator[Figure]:
    """A prediction that raises, ten times under load."""
    yield from _others_lost("raise", 0, expected=400)


@fault
def predict_is_late() -> Iterator[Figure]:
    """A prediction that sleeps past its timeout, ten times under load."""
    yield from _others_lost("echo", 1.5 * TIMEOUT, expected=504)


@fault
def predict_exits() -> Iterator[Figure]:
    """A prediction that ends its process, ten times under load."""
    yield from _deaths("exit")


@fault
def predict_crashes() -> Iterator[Figure]:
    """A prediction that crashes its process (SIGSEGV), ten times under load."""
    yield from _deaths("segfault")


def _others_lost(what: str, sleep: float, expected: int) -> Iterator[Figure]:
    body = orjson.dumps({"input": what, "sleep": sleep})
    options = ("-w", "2", "-t", f"{TIMEOUT}")
    with running("obedient", *options) as server, load(server.port, ECHO, clients=8) as asking:
        statuses = [ask(server.port, body)[0] for _ in range(TIMES)]
    answered = len(asking.answers)
    yield Figure(f"of {TIMES} not answered {expected}", sum(status != expected for status in statuses), 0)
    yield Figure(f"other requests lost ({answered} answered)", asking.failed(), 0)


def _deaths(what: str) -> Iterator[Figure]:
    body = orjson.dumps({"input": what})
    back, dead = [], set()
    with running("obedient", "-w", "2") as server, load(server.port, ECHO, clients=8) as asking:
        before = answering(server.port)
        for _ in range(TIMES):
            ask(server.port, body)
            began = time.monotonic()
            back.append(until_replaced(server.port, before, began))
            now = answering(server.port)
            dead |= before - now
            before = now
    held = sum(each.worker in {*dead, None} for each in asking.lost)
    others = asking.failed() - held
    yield Figure(f"requests lost in {TIMES} deaths that other workers held ({held} lost by the dead)", others, 0)
    yield Figure("worker back after", max(back), 2, "s")
