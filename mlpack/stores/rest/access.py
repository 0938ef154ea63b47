"""Who we are to a tracking server and whom we trust: read from MLflow's environment variables and credentials file."""

from __future__ import annotations

import base64
import configparser
import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote

from mlpack.errors import InvalidArgument

_TRUE = {"true", "1"}
#: What to do where one side does not trust the other.
CERTIFICATES = "check MLFLOW_TRACKING_SERVER_CERT_PATH and MLFLOW_TRACKING_CLIENT_CERT_PATH"
#: Ways to authenticate that MLflow has and that are not spoken here, each with what to do instead.
_UNSUPPORTED = ("MLFLOW_TRACKING_AUTH", "MLFLOW_TRACKING_AWS_SIGV4")


@dataclass(frozen=True)
class Access:
    """What a session shows to its server; ``authorization`` is the header, never part of a message or a ``repr``."""

    authorization: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None

    @classmethod
    def from_environment(cls, server: SplitResult) -> Access:
        """The access that the environment gives to a server; a name and password within its URI go first.

        Raises:
            InvalidArgument: variables contradict each other, name a file that is missing, or ask for what is not here.
        """
        for name in _UNSUPPORTED:
            if os.environ.get(name, "").lower() not in ("", "false", "0"):
                raise InvalidArgument(
                    f"{name} is set, and that kind of authentication is not supported",
                    tip="unset it; use MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
                )
        return cls(_authorization(server), _tls() if server.scheme == "https" else None)


def basic(username: str, password: str) -> str:
    """The value of a header for basic authentication."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def _authorization(server: SplitResult) -> str | None:
    if server.username:
        return basic(unquote(server.username), unquote(server.password or ""))
    saved = _saved_credentials()
    username, password = (
        os.environ.get(name.upper()) or saved.get(name)
        for name in ("mlflow_tracking_username", "mlflow_tracking_password")
    )
    if username and password:  # these go before a token, as with MLflow
        return basic(username, password)
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if token and not (token.isascii() and token.isprintable()):
        raise InvalidArgument("MLFLOW_TRACKING_TOKEN holds characters that a header cannot carry")
    return f"Bearer {token}" if token else None


def _saved_credentials() -> dict[str, str]:
    path = Path("~/.mlflow/credentials").expanduser()
    config = configparser.ConfigParser(interpolation=None)
    try:
        config.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        # The parser's own message quotes the line, which may be the password.
        raise InvalidArgument(f"{path} cannot be read as an ini file", tip="mend it, or remove it") from None
    return dict(config["mlflow"]) if "mlflow" in config else {}


def _tls() -> ssl.SSLContext:
    authorities = os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH")
    certificate = os.environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH")
    insecure = os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in _TRUE
    if insecure and authorities:
        raise InvalidArgument(
            "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH contradict each other",
            tip="unset one of them",
        )
    try:
        is_folder = authorities is not None and Path(authorities).is_dir()
        context = ssl.create_default_context(
            cafile=None if is_folder else authorities, capath=authorities if is_folder else None
        )
        if certificate:
            context.load_cert_chain(certificate)
    except (OSError, ssl.SSLError) as error:
        raise InvalidArgument(f"a certificate cannot be read ({error})", tip=CERTIFICATES) from error
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
