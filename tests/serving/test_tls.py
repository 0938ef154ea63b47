"""TLS and certificates of clients, with one worker and with several."""

from __future__ import annotations

import datetime
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from mlpack.errors import InvalidArgument
from mlpack_serving.settings import Settings
from mlpack_serving.tls import certificates
from tests.serving.conftest import request
from tests.serving.test_lanes import answer
from tests.serving.test_server import wait_until

if TYPE_CHECKING:
    from tests.serving.conftest import Server, StartServer

ROW = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0]]}}'
LIVE = b"GET /live HTTP/1.1\r\nhost: a\r\n\r\n"


@dataclass(frozen=True)
class Authority:
    """Who signs certificates in these tests; ``folder`` gets them as NAME.pem and NAME.key."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, folder: Path) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(folder, key, _certificate("authority", key, key, x509.BasicConstraints(ca=True, path_length=0)))

    def sign(self, name: str, encryption: KeySerializationEncryption | None = None) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        signed = _certificate(name, key, self.key, alternative)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
        files = {
            "pem": signed.public_bytes(Encoding.PEM),
            "key": private,
            "ca": self.certificate.public_bytes(Encoding.PEM),
        }
        for ending, content in files.items():
            path = self.folder / f"{name}.{ending}"
            path.write_bytes(content)
            path.chmod(0o600)
        return str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key")


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.timezone.utc)

    def called(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder(called("authority"), called(name), key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
    return builder.add_extension(extension, critical=True).sign(signer, SHA256())


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.new(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def options(authority: Authority) -> dict[str, str]:
    cert, key = authority.sign("server")
    return {"tls_cert": cert, "tls_key": key}


@pytest.fixture(scope="module", params=[1, 2], ids=["one worker", "two workers"])
def running(request: pytest.FixtureRequest, shared_server: StartServer, options: dict[str, str]) -> Server:
    return shared_server("talk", workers=request.param, header_timeout=1, **options)


#: A connection to a server, with TLS.
Connect = Callable[..., ssl.SSLSocket]


@pytest.fixture
def connect(authority: Authority) -> Connect:
    def connect(server: Server, cert: tuple[str, str] | None = None, **versions: ssl.TLSVersion) -> ssl.SSLSocket:
        context = ssl.create_default_context(cadata=authority.certificate.public_bytes(Encoding.PEM).decode())
        for name, version in versions.items():
            setattr(context, name, version)
        if cert:
            context.load_cert_chain(*cert)
        return context.wrap_socket(server.connect(), server_hostname="127.0.0.1")

    return connect


def ask(connection: socket.socket, message: bytes) -> bytes:
    connection.sendall(message)
    return answer(connection)


def test_requests_are_answered_in_the_lane_and_beside_it(running: Server, connect: Connect) -> None:
    assert "https://127.0.0.1" in running.log.read_text("utf-8")
    with connect(running) as connection:
        for _ in range(3):
            assert ask(connection, request(b'{"input": "x"}')).endswith(b'{"input":"x"}')
            assert b" 200 OK" in ask(connection, LIVE)


def test_large_bodies_and_answers_pass(running: Server, connect: Connect) -> None:
    body = b'{"input": "' + b"x" * 5_000_000 + b'"}'
    with connect(running) as connection:
        connection.sendall(request(body, "connection: close"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.partition(b"\r\n\r\n")[2] == body.replace(b": ", b":")


def test_old_versions_are_refused_and_new_ones_taken(running: Server, connect: Connect) -> None:
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        with connect(running, minimum_version=version, maximum_version=version) as connection:
            assert connection.version() == name
    with pytest.warns(DeprecationWarning), pytest.raises(ssl.SSLError):
        connect(running, minimum_version=ssl.TLSVersion.TLSv1_1, maximum_version=ssl.TLSVersion.TLSv1_1)


def test_plain_http_gets_no_answer_and_hurts_nobody(running: Server, connect: Connect) -> None:
    for sent in (LIVE, b"\x16\x03\x01\xff\xff" + b"x" * 70_000, b""):
        with running.connect() as plain:
            plain.sendall(sent)
            plain.shutdown(socket.SHUT_WR)
            assert b"HTTP/1.1" not in _all(plain)
    with connect(running) as connection:
        assert b" 200 OK" in ask(connection, LIVE)
    assert "Traceback" not in running.log.read_text("utf-8")


def test_who_does_not_begin_with_tls_is_not_waited_for(running: Server) -> None:
    began = time.monotonic()
    assert running.exchange() == b""
    assert 0.5 < time.monotonic() - began < 5  # --header-timeout is a second


def test_many_connections_at_once_are_all_answered(running: Server, connect: Connect) -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(running.connect()) for _ in range(100)]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        secure = [stack.enter_context(context.wrap_socket(each)) for each in connections]
        assert all(b" 200 OK" in ask(each, LIVE) for each in secure)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_accepted_is_answered_before_the_server_ends(
    server: StartServer, options: dict[str, str], connect: Connect, workers: int
) -> None:
    running = server("talk", workers=workers, **options)
    answers: list[bytes] = []
    with connect(running) as busy, connect(running) as idle, running.connect() as raw:
        asking = threading.Thread(target=lambda: answers.append(ask(busy, request(b'{"input": "x", "sleep": 1.0}'))))
        asking.start()
        time.sleep(0.4)
        running.process.terminate()
        wait_until(lambda: _refused(running))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(raw) as late:  # it was accepted before, too
            assert b" 200 OK" in ask(late, LIVE)
        assert b" 200 OK" in ask(idle, LIVE)
        asking.join()
    assert b" 200 OK" in answers[0]
    assert running.process.wait(10) == 0


def test_no_request_is_lost_while_a_server_ends_under_load(
    server: StartServer, options: dict[str, str], connect: Connect
) -> None:
    running = server("talk", workers=2, **options)
    results: list[object] = []

    def ask_again_and_again() -> None:
        while True:
            try:
                with connect(running) as connection:
                    results.append(ask(connection, request(b'{"input": "x"}', "connection: close")).split()[1])
            except ConnectionRefusedError:
                return
            except (OSError, IndexError) as error:
                results.append(error)
                return

    clients = [threading.Thread(target=ask_again_and_again) for _ in range(4)]
    for each in clients:
        each.start()
    wait_until(lambda: len(results) > 50)
    assert running.stop() == 0
    for each in clients:
        each.join()
    assert set(results) == {b"200"}


def test_a_connection_that_rests_does_not_hold_up_the_end(
    server: StartServer, options: dict[str, str], connect: Connect
) -> None:
    running = server("talk", drain_timeout=20, **options)
    with connect(running) as resting, running.connect():
        assert b" 200 OK" in ask(resting, LIVE)
        began = time.monotonic()
        assert running.stop() == 0  # though the client does not read that the connection is closed
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("workers", [1, 2])
def test_only_clients_with_a_certificate_of_the_authority_are_answered(
    server: StartServer, options: dict[str, str], authority: Authority, connect: Connect, tmp_path: Path, workers: int
) -> None:
    running = server("talk", workers=workers, tls_client_ca=str(authority.folder / "server.ca"), **options)
    with connect(running, authority.sign("client")) as connection:
        assert b" 200 OK" in ask(connection, LIVE)
    for cert in (None, Authority.new(tmp_path).sign("stranger")):
        with suppress(ssl.SSLError, ConnectionError), connect(running, cert) as connection:
            assert ask(connection, LIVE) == b""
    for reason in ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "CERTIFICATE_VERIFY_FAILED"):
        wait_until(lambda said=reason: said in running.log.read_text("utf-8"))  # type: ignore[misc]
    assert "Traceback" not in running.log.read_text("utf-8")


def test_a_certificate_that_is_renewed_is_used_from_then_on(
    server: StartServer, options: dict[str, str], authority: Authority, connect: Connect
) -> None:
    cert, key = authority.sign("renewed")
    running = server("talk", tls_cert=cert, tls_key=key)

    def serial() -> int:
        with connect(running) as connection:
            return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"").serial_number

    first = serial()
    authority.sign("renewed")
    wait_until(lambda: serial() != first)
    second = serial()
    Path(key).write_text("no key")
    wait_until(lambda: "is not used" in running.log.read_text("utf-8") or serial() == 0)
    assert serial() == second


def test_files_that_cannot_be_used_are_an_error_that_says_why(authority: Authority, tmp_path: Path) -> None:
    cert, key = authority.sign("one")
    other = authority.sign("other")[1]
    locked = authority.sign("locked", BestAvailableEncryption(b"password"))
    (tmp_path / "empty").write_text("")
    empty, none = str(tmp_path / "empty"), str(tmp_path / "none")
    wrong = {
        f"{other} is not the key of {cert}": (cert, other, ""),
        f"the key in {locked[1]} is encrypted": (*locked, ""),
        f"--tls-key: {none} cannot be read: No such file": (cert, none, ""),
        f"--tls-cert: {none} cannot be read: No such file": (none, key, ""),
        f"{empty} and {key} are no certificate and its key": (empty, key, ""),
        f"--tls-client-ca: {empty} has no certificate": (cert, key, empty),
        f"--tls-cert: {cert} and {cert} are no certificate and its key": (cert, "", ""),
    }
    for message, (first, second, third) in wrong.items():
        with pytest.raises(InvalidArgument, match=re.escape(message)):
            certificates(Settings(tls_cert=first, tls_key=second, tls_client_ca=third))


def test_certificate_and_key_may_be_in_one_file(authority: Authority, tmp_path: Path) -> None:
    cert, key = authority.sign("both")
    both = tmp_path / "both.pem"
    both.write_bytes(Path(key).read_bytes() + Path(cert).read_bytes())
    assert certificates(Settings(tls_cert=str(both))) is not None


def _refused(server: Server) -> bool:
    try:
        server.connect().close()
    except ConnectionRefusedError:
        return True
    return False


def _all(connection: socket.socket) -> bytes:
    try:
        return b"".join(iter(lambda: connection.recv(65536), b""))
    except ConnectionError:
        return b""
