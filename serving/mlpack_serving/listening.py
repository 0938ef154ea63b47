"""The socket that the server listens on: bound here, or handed over by systemd or by this process before a reload."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress

from mlpack.errors import InvalidArgument
from mlpack_serving.settings import Settings

#: The first descriptor that is handed over (sd_listen_fds(3)).
_FIRST = 3
#: What a socket is called that this very process handed over; systemd calls its own by the name of their unit.
_OURS = "mlpack"
#: How many hops a segment must have left for a socket to take it, by level and option: IP_MINTTL of linux/in.h, and
#: IPV6_MINHOPCOUNT of linux/in6.h, neither of which Python names. Systems send with 64 or 128 of at most 255.
_HOPS_LEFT = ((socket.IPPROTO_IP, 21), (socket.IPPROTO_IPV6, 73))
_MOST_HOPS = 255

_REASONS = {
    errno.EADDRINUSE: ("is in use", "stop what listens there, take another with --port, or --port 0 for a free one"),
    errno.EACCES: ("is not for you to take", "take a port above 1023 with --port"),
    errno.EADDRNOTAVAIL: ("is not an address of this machine", "give one that is with --host"),
}


def bind(settings: Settings) -> socket.socket:
    """A socket at the address of the settings, which listens when the server that gets it is ready.

    Raises InvalidArgument where the address cannot be had.
    """
    if (given := _handed_over()) is not None:
        return given
    with ExitStack() as stack:
        try:
            found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
            family, kind, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
            listener = stack.enter_context(socket.socket(family, kind))
            if os.name == "posix":  # elsewhere it lets two servers share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError as error:
            reason, tip = _REASONS.get(error.errno or 0, (f"cannot be had: {error.strerror}", ""))
            raise InvalidArgument(f"{settings.host} port {settings.port} {reason}", tip=tip) from error
        stack.pop_all()
    listener.setblocking(False)
    return listener


def hand_over(listener: socket.socket) -> dict[str, str]:
    """Keep a socket open for the program that this process is about to become; the variables that tell it so."""
    os.dup2(listener.fileno(), _FIRST)
    os.set_inheritable(_FIRST, True)
    name = os.environ.get("LISTEN_FDNAMES", _OURS)
    return {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()), "LISTEN_FDNAMES": name}


def _handed_over() -> socket.socket | None:
    given = os.environ.pop("LISTEN_PID", "") == str(os.getpid()) and os.environ.pop("LISTEN_FDS", "") == "1"
    return socket.socket(fileno=_FIRST) if given else None


def stop_connecting(listener: socket.socket) -> None:
    """Have the system ignore who asks for a connection from now on; those that it has begun to make are made.

    Without it, some would come between the moment at which none waits and that at which the socket is closed, and be
    reset. Who is ignored asks again after a second, and is refused then. Where systemd has the socket too it goes on
    listening, and on other systems than Linux this does nothing.
    """
    if os.environ.get("LISTEN_FDNAMES", _OURS) == _OURS:
        _take_from(listener, _MOST_HOPS)


def hear(connection: socket.socket) -> None:
    """Have a connection be taken from that was made since its listener ignores others, as that does."""
    _take_from(connection, 0)


def _take_from(connection: socket.socket, hops_left: int) -> None:
    if sys.platform == "linux":
        for level, option in _HOPS_LEFT:
            with suppress(OSError):  # not of this family, or of a sandbox that speaks for Linux
                connection.setsockopt(level, option, hops_left)


def waiting(listener: socket.socket) -> Iterator[socket.socket]:
    """The connections that wait to be accepted."""
    with suppress(OSError):  # none does, or none can be taken now
        while True:
            yield listener.accept()[0]
