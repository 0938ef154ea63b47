"""What is lost when a server is told to end."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

from benchmarks.faults.load import ROW, load, request
from benchmarks.faults.rows import Figure, fault
from benchmarks.faults.servers import Running, running

RUNS = 5
HALF_SENT = 40
HANGS = b'{"input": "echo", "sleep": 3600}'


@fault
def end_under_load() -> Iterator[Figure]:
    """SIGTERM to two workers under load, on kept connections and on one for each request."""
    for kept in (True, False):
        lost, longest, answered = 0, 0.0, 0
        for _ in range(RUNS):
            with running("flowers", "-w", "2") as server, load(server.port, ROW, kept=kept) as asking:
                time.sleep(1)
                began = time.monotonic()
                code = ended(server)
                longest = max(longest, time.monotonic() - began)
            lost += asking.failed() + (code != 0)
            answered += sum(moment > began for moment, _ in asking.answers)
        how = "kept connections" if kept else "a connection each"
        yield Figure(f"requests lost in {RUNS} runs, {how} ({answered} answered after SIGTERM)", lost, 0)
        yield Figure(f"seconds to the end, {how}", longest, 30, "s")


@fault
def half_sent_at_the_end() -> Iterator[Figure]:
    """SIGTERM while clients have sent half of their request; they send the rest when it has stopped accepting."""
    message = request(ROW)
    with running("flowers", "-w", "2") as server, ExitStack() as stack:
        address = ("127.0.0.1", server.port)
        clients = [stack.enter_context(socket.create_connection(address, timeout=10)) for _ in range(HALF_SENT)]
        for client in clients:
            client.sendall(message[: len(message) // 2])
        os.kill(server.process, signal.SIGTERM)
        time.sleep(2)  # it does not accept any more by then
        answers = 0
        for client in clients:
            with suppress(OSError):
                client.sendall(message[len(message) // 2 :])
                answers += client.recv(10_000).startswith(b"HTTP/1.1 200")
    yield Figure(f"of {HALF_SENT} half-sent requests not answered", HALF_SENT - answers, 0)


@fault
def end_while_a_prediction_hangs() -> Iterator[Figure]:
    """SIGTERM to the whole process group, as a terminal or systemd sends it, while a prediction does not end."""
    for workers in (1, 2):
        with running("obedient", "-w", f"{workers}") as server, load(server.port, HANGS, clients=1) as asking:
            time.sleep(2)
            began = time.monotonic()
            asking.stopped = True
            os.killpg(server.process, signal.SIGTERM)
            code = ended(server, 0)
            seconds = time.monotonic() - began
        yield Figure(f"seconds to the end, of the 30 that SageMaker gives, {workers} workers", seconds, 30, "s")
        yield Figure(f"exit code, {workers} workers", abs(code), 0)


def ended(server: Running, sig: int = signal.SIGTERM) -> int:
    """Tell a server to end, if by any signal; its exit code when it has."""
    os.kill(server.process, sig)
    _, status = os.waitpid(server.process, 0)
    return os.waitstatus_to_exitcode(status)
