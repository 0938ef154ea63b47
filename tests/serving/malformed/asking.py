"""Sending the cases to a server, and what is to be said of its answers."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from tests.serving.malformed import Case

#: How long, in seconds, a server may be silent before it is told that nothing more comes, and after it.
_SILENCE, _PATIENCE = 1.0, 8.0
_CLIENTS = 8
#: What can be wrong with an answer.
FAULTS = ("5xx", "hang", "traceback", "wrong accept", "wrong refusal")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_TRACES = re.compile(rb'Traceback \(most|File \\?"|stack_trace|site-packages|\.py\W+line \d')


@dataclass(frozen=True)
class Outcome:
    """What became of one case: its ``status`` is None where the connection was closed without an answer."""

    case: Case
    status: int | None
    answer: bytes = b""
    hung: bool = False

    @property
    def fault(self) -> str:
        """What is wrong with the answer; empty if it is as it should be."""
        if self.hung:
            return "hang"
        if self.status is not None and self.status >= 500:
            return "5xx"
        if _TRACES.search(self.answer):
            return "traceback"
        accepted = self.status is not None and self.status < 300
        if accepted == self.case.refused:
            return "wrong accept" if accepted else "wrong refusal"
        return ""


def outcomes(port: int, cases: Iterable[Case]) -> list[Outcome]:
    """What becomes of the cases, each on a connection of its own, some at a time."""
    with ThreadPoolExecutor(_CLIENTS) as pool:
        return list(pool.map(partial(_ask, port), cases))


def _ask(port: int, case: Case) -> Outcome:
    received = b""
    with socket.create_connection(("127.0.0.1", port), _SILENCE) as connection:
        try:
            connection.sendall(case.sent)
            received = _answer(connection)
        except TimeoutError:  # more is waited for
            try:
                connection.settimeout(_PATIENCE)
                connection.shutdown(socket.SHUT_WR)
                received = _answer(connection)
            except TimeoutError:
                return Outcome(case, None, hung=True)
            except OSError:
                pass
        except OSError:  # it was refused while it was sent
            pass
    found = re.match(rb"HTTP/1\.[01] (\d{3})", received)
    return Outcome(case, int(found[1]) if found else None, received)


def _answer(connection: socket.socket) -> bytes:
    """One answer, or what there is of it when the connection is closed."""
    received = b""
    while True:
        head, end, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if end and len(body) >= int(length[1] if length else 0):
            return received
        piece = connection.recv(65536)
        if not piece:
            return received
        received += piece
