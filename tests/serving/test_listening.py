"""The socket of a server: taken, handed over, and closed without a connection that is reset."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mlpack.errors import InvalidArgument
from mlpack_serving.listening import bind, hear, stop_connecting, waiting
from mlpack_serving.settings import Settings
from tests.serving.conftest import Package, request

ROW = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0]]}}'
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot ignore them")


def test_a_port_in_use_is_an_error_that_says_what_to_do() -> None:
    with bind(Settings(port=0)) as taken, pytest.raises(InvalidArgument, match="is in use") as caught:
        taken.listen()
        bind(Settings(port=taken.getsockname()[1]))
    assert "--port" in caught.value.tip


def test_a_host_that_is_not_ours_is_an_error() -> None:
    with pytest.raises(InvalidArgument, match=r"192\.0\.2\.1 port 0 is not an address of this machine"):
        bind(Settings(host="192.0.2.1", port=0))


@on_linux
def test_no_connection_comes_any_more_after_those_that_wait() -> None:
    with bind(Settings(port=0)) as listener:
        listener.listen()
        address = listener.getsockname()
        with socket.create_connection(address) as early:
            stop_connecting(listener)
            with pytest.raises(TimeoutError):
                socket.create_connection(address, timeout=0.3)
            (taken,) = waiting(listener)
            with taken:
                taken.sendall(b"x")
                assert early.recv(1) == b"x"


@on_linux
def test_a_connection_that_was_made_last_is_heard() -> None:
    with bind(Settings(port=0)) as listener:
        listener.listen()
        with socket.create_connection(listener.getsockname()) as client:
            (taken,) = waiting(listener)
            with taken:
                stop_connecting(taken)  # as what was made since its listener does
                client.sendall(b"x")
                taken.settimeout(0.1)
                with pytest.raises(TimeoutError):
                    taken.recv(1)
                hear(taken)
                taken.settimeout(10)
                assert taken.recv(1) == b"x"


@on_linux
def test_a_socket_of_our_own_is_made_deaf_also_after_a_reload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_FDNAMES", "mlpack")
    with bind(Settings(port=0)) as listener:
        listener.listen()
        stop_connecting(listener)
        with pytest.raises(TimeoutError):
            socket.create_connection(listener.getsockname(), timeout=0.3)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="systemd is for Linux")
@pytest.mark.parametrize("workers", [1, 2])
def test_the_socket_that_systemd_lends_listens_on_when_the_server_has_ended(package: Package, workers: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as lent:
        for _ in range(2):
            served = _activated(package("flowers"), lent, workers=workers)
            with socket.create_connection(lent.getsockname(), timeout=30) as client:
                client.sendall(request(ROW, "connection: close"))
                assert client.recv(4096).startswith(b"HTTP/1.1 200")
            served.terminate()
            assert served.wait(timeout=30) == 0


def _activated(package: Path, lent: socket.socket, **options: int) -> subprocess.Popen[bytes]:
    """A server that was started as systemd does for the first connection to one of its sockets."""
    script = Path(__file__).with_name("run_server.py")
    words = [sys.executable, str(script), str(package), json.dumps({"lame_duck": 0, **options})]
    code = (
        f"import os, sys; os.dup2({lent.fileno()}, 3)\n"
        "os.environ.update(LISTEN_FDS='1', LISTEN_FDNAMES='mlpack.socket', LISTEN_PID=str(os.getpid()))\n"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    return subprocess.Popen([sys.executable, "-c", code, *words], pass_fds=[lent.fileno()])
