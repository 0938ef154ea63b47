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
    """SIGTERM while clients have sent half of their request; they send the rest a little later."""
    message = request(ROW)
    with running("flowers", "-w", "2") as server, ExitStack() as stack:
        address = ("127.0.0.1", server.port)
        clients = [stack.enter_context(socket.create_connection(address, timeout=10)) for _ in range(HALF_SENT)]
        for client in clients:
            client.sendall(message[: len(message) // 2])
        os.kill(server.process, signal.SIGTERM)
        time.sleep(0.3)
        answers = 0
        for client in clients:
            with suppress(OSError):
                client.sendall(message[len(message) // 2 :])
                answers += client.recv(10_000).startswith(b"HTTP/1.1 200")
    yield Figure(f"of {HALF_SENT} half-sent requests not answered", HALF_SENT - answers, 0)


def ended(server: Running) -> int:
    """Tell a server to end; its exit code when it has."""
    os.kill(server.process, signal.SIGTERM)
    _, status = os.waitpid(server.process, 0)
    return os.waitstatus_to_exitcode(status)
