"""TLS: certificates of the server and, where they are asked for, of its clients."""

from __future__ import annotations

import asyncio
import logging
import ssl
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mlpack.errors import InvalidArgument
from mlpack_serving.settings import Settings
from mlpack_serving.watched import Watched, warn_if_open

if TYPE_CHECKING:
    from mlpack_serving.protocol import LimitedProtocol

logger = logging.getLogger("mlpack_serving")

#: How long a handshake may go on when the server shuts down.
_LAST_CALL_SECONDS = 1.0


class Certificates:
    """The files of ``--tls-cert``, ``--tls-key`` and ``--tls-client-ca``; connections that begin after one of them has
    changed get it as it is then.

    Raises:
        InvalidArgument: a file cannot be used, or an option lacks another that it needs.
    """

    def __init__(self, settings: Settings) -> None:
        files = [each for each in (settings.tls_cert, settings.tls_key, settings.tls_client_ca) if each]
        #: What the next connection is to use.
        self.context = Watched(files, partial(_context, settings)).get
        #: Whether only clients with a certificate are served.
        self.of_clients = bool(settings.tls_client_ca)


def certificates(settings: Settings) -> Certificates | None:
    """The certificates that the settings name; None where they name none."""
    if settings.tls_cert:
        return Certificates(settings)
    if settings.tls_key or settings.tls_client_ca:
        raise InvalidArgument("--tls-key and --tls-client-ca need --tls-cert: the certificate of the server")
    return None


class Handshake(asyncio.Protocol):
    """A connection until both sides have agreed on TLS, which ``inner`` gets then. They have the time for headers.

    uvicorn takes it for a connection of its own, and so waits for it when it shuts down.
    """

    def __init__(self, inner: LimitedProtocol, certificates: Certificates) -> None:
        self._inner = inner
        self._certificates = certificates
        self._draining = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Somebody has connected: go on with the same connection and TLS.

        ``loop.start_tls`` would do for a connection on which nothing has come yet; uvloop begins to read when this
        method returns.
        """
        try:
            self._socket = transport.get_extra_info("socket").dup()
        except OSError as error:  # there may be no more files
            logger.error("a client is sent away: %s", error.strerror)
            return
        finally:
            transport.abort()  # closes the original, of which nothing has been read
        self._socket.setblocking(False)
        self._inner.connections.add(self)  # type: ignore[arg-type]
        self._inner.connected(self._socket)
        self._task = self._inner.loop.create_task(self._agree())

    def shutdown(self) -> None:
        """The server shuts down: the request is still waited for, as on any connection, but not for long."""
        self._draining = True
        self._inner.loop.call_later(_LAST_CALL_SECONDS, self._task.cancel)

    async def _agree(self) -> None:
        inner = self._inner
        try:
            await inner.loop.connect_accepted_socket(
                lambda: inner,
                self._socket,
                ssl=self._certificates.context(),
                ssl_handshake_timeout=inner.settings.header_timeout,
            )
        except OSError as error:
            if isinstance(error, ssl.SSLError):
                logger.info("a client does not speak TLS as this server does: %s", error.reason or error)
        else:
            if self._draining:
                inner.shutdown()
        finally:
            inner.connections.discard(self)


def secured(protocol: type[LimitedProtocol], certificates: Certificates | None) -> type[asyncio.Protocol]:
    """What makes the protocol of a connection: with a handshake before it, where there are certificates."""
    if certificates is None:
        return protocol

    def connect(**given: Any) -> Handshake:
        return Handshake(protocol(**given), certificates)

    return cast("type[asyncio.Protocol]", connect)  # which is how uvicorn uses it


def _context(settings: Settings) -> ssl.SSLContext:
    """TLS 1.2 or 1.3, with the ciphers that Python chooses."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    cert, key = settings.tls_cert, settings.tls_key or settings.tls_cert
    option = "--tls-key" if settings.tls_key else "--tls-cert"
    _check_readable(cert, "--tls-cert")
    _check_readable(key, option)
    try:
        context.load_cert_chain(cert, key, partial(_refuse_password, option, key))
    except ssl.SSLError as error:
        mismatch = error.reason == "KEY_VALUES_MISMATCH"
        what = f"{key} is not the key of {cert}" if mismatch else f"{cert} and {key} are no certificate and its key"
        raise InvalidArgument(f"{option}: {what}", tip="both are PEM files") from error
    warn_if_open(key, option)
    if settings.tls_client_ca:
        _check_readable(settings.tls_client_ca, "--tls-client-ca")
        try:
            context.load_verify_locations(settings.tls_client_ca)
        except ssl.SSLError as error:
            what = f"--tls-client-ca: {settings.tls_client_ca} has no certificate in it"
            raise InvalidArgument(what, tip="it is a PEM file") from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _check_readable(file: str, option: str) -> None:
    try:
        Path(file).open("rb").close()
    except OSError as error:
        raise InvalidArgument(f"{option}: {file} cannot be read: {error.strerror}") from error


def _refuse_password(option: str, key: str) -> str:
    """Instead of OpenSSL's question for it, which nobody would answer."""
    tip = f"openssl pkey -in {key} -out NEW_FILE makes one that is not; let only the server read it"
    raise InvalidArgument(f"{option}: the key in {key} is encrypted", tip=tip)
