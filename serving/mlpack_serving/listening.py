"""The socket that the server listens on: bound here, or handed over by systemd or by this process before a reload."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress

from mlpack.errors import InvalidArgument
from mlpack_serving.settings import Settings

#: The first descriptor that is handed over (sd_listen_fds(3)).
_FIRST = 3
#: What a socket is called that this very process handed over; systemd calls its own by the name of their unit.
_OURS = "mlpack"
_SO_ATTACH_FILTER = 26  # of asm-generic/socket.h
#: A program for the system (linux/filter.h), which is given each segment from its TCP header on: the flags are in its
#: byte 13. One that asks for a new connection, SYN and not ACK, is dropped; of others all is let through.
_NO_SYN = struct.pack("HBBI" * 5, 0x30, 0, 0, 13, 0x54, 0, 0, 0x12, 0x15, 0, 1, 0x02, 6, 0, 0, 0, 6, 0, 0, 0xFFFFFFFF)

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
    listening, and other systems than Linux have no such filter: there, this does nothing.
    """
    if sys.platform == "linux" and os.environ.get("LISTEN_FDNAMES", _OURS) == _OURS:
        program = ctypes.create_string_buffer(_NO_SYN, len(_NO_SYN))
        with suppress(OSError):  # a sandbox that speaks for Linux may have no filters
            listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", 5, ctypes.addressof(program)))


def waiting(listener: socket.socket) -> Iterator[socket.socket]:
    """The connections that wait to be accepted."""
    with suppress(OSError):  # none does, or none can be taken now
        while True:
            yield listener.accept()[0]
