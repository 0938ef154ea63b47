"""A tracking server behind TLS that asks who comes for a certificate."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlpack.errors import StoreFailure
from mlpack.stores.rest import Session
from tests.core.stores.http_server import Server, answering

OURS, THEIRS = "MLFLOW_TRACKING_CLIENT_CERT_PATH", "MLFLOW_TRACKING_SERVER_CERT_PATH"

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on PATH")


def certificate(name: str, folder: Path) -> str:
    """A key and a certificate that vouches for itself, in one file."""
    made, options = folder / name, ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    named = ("-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1")
    command = ["openssl", "req", *options, *named, "-keyout", str(made), "-out", f"{made}.crt"]
    subprocess.run(command, check=True, capture_output=True)
    with made.open("a") as both:
        both.write(Path(f"{made}.crt").read_text())
    return str(made)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("certificates")
    return {OURS: certificate("eva", folder), THEIRS: certificate("server", folder)}


@pytest.fixture
def server(made: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """It trusts our certificate alone, and we are set up to trust its own."""
    for name, path in made.items():
        monkeypatch.setenv(name, path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made[THEIRS])
    context.load_verify_locations(made[OURS])
    context.verify_mode = ssl.CERT_REQUIRED
    with answering(tls=context) as running:
        yield running


def test_a_server_that_asks_for_our_certificate_gets_it(server: Server) -> None:
    assert Session(server.uri).json("GET", "/x") == {}


@pytest.mark.parametrize("absent", [OURS, THEIRS])
def test_a_certificate_that_is_missing_is_said(server: Server, absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(absent)
    # What the server says may be lost where it hangs up while the request is sent; the next attempt hears it.
    for name in ("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER"):
        monkeypatch.setenv(name, "0")
    with pytest.raises(StoreFailure, match="certificate") as caught:
        Session(server.uri).json("GET", "/x")
    assert absent in caught.value.tip
    assert server.asked == []


def test_whom_to_trust_may_be_left_open(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(THEIRS)
    monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
    assert Session(server.uri).json("GET", "/x") == {}
