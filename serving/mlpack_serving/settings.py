"""Every option of the scoring server, spelled once: the command line and the environment are derived from it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from mlpack.errors import InvalidArgument

_ROUTE = re.compile(r"(?:/[\w.:@+-]+)+", re.ASCII)
_ORIGIN = re.compile(r"\*|https?://[^/\s?#@]+")


def _option(default: Any, text: str, *flags: str, env: str | None = None, least: float = 0, most: float = 1e15) -> Any:
    """A field whose metadata hold ``help``, ``flags``, ``env`` (the first name that is set wins), ``least``, ``most``.

    Our own variable is made from the last flag (``--max-columns`` is MLPACK_MAX_COLUMNS); ``env`` is MLflow's name.
    """
    ours = "MLPACK_" + flags[-1].lstrip("-").replace("-", "_").upper()
    names = (ours,) if env is None else (ours, env)
    return field(default=default, metadata={"help": text, "flags": flags, "env": names, "least": least, "most": most})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a model is served. Times are seconds, sizes bytes; a value out of its range is an InvalidArgument.

    The defaults of the limits are those that keep one client from taking the machine (docs/serving.md).
    """

    host: str = _option("127.0.0.1", "address to listen on", "-h", "--host", env="MLFLOW_HOST")
    port: int = _option(5000, "port to listen on; 0 takes a free one", "-p", "--port", env="MLFLOW_PORT", most=65535)
    workers: int = _option(
        1,
        "processes that answer requests; auto: one for each processor",
        "-w",
        "--workers",
        env="MLFLOW_MODELS_WORKERS",
        least=1,
        most=1024,
    )
    timeout: float = _option(
        60,
        "seconds a prediction may take before the client gets 504",
        "-t",
        "--timeout",
        env="MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT",
        least=0.001,
    )
    threads: int = _option(
        1, "predictions at a time in one process; above 1 only for thread-safe models", "--threads", least=1, most=1024
    )
    batch_rows: int = _option(
        1024, "most rows of requests that wait to predict together; 1: each alone", "--max-batch-rows", least=1
    )
    queue: int = _option(
        1024, "most requests of one process that wait to predict; more get 429", "--max-queue", least=1
    )
    follow: float = _option(
        0, "seconds between looks whether the URI names another package by now, to serve that; 0: never", "--follow"
    )
    lame_duck: float = _option(1, "seconds to go on accepting after SIGTERM, when /ready says no", "--lame-duck")
    drain_timeout: int = _option(
        25, "seconds after SIGTERM in which accepted requests must have been answered", "--drain-timeout"
    )
    predict_route: str = _option(
        "/invocations",
        "path, beside /invocations, that predictions are posted to",
        "--predict-route",
        env="AIP_PREDICT_ROUTE",
    )
    health_route: str = _option(
        "/health", "path, beside /health, that health is asked at", "--health-route", env="AIP_HEALTH_ROUTE"
    )
    keep_alive: int = _option(60, "seconds an idle connection is kept", "--keep-alive", least=1)
    log_format: Literal["text", "json"] = _option("text", "how lines of the log are written", "--log-format")
    access_log: Literal["off", "on", "all"] = _option(
        "off", "a line for each request; on: without those of probes and scrapers that went well", "--access-log"
    )
    model_name: str = _option(
        "", "what headers and metrics call the model; otherwise as the registry or its folder does", "--model-name"
    )
    model_version: str = _option("", "its version there; otherwise as the registry has it", "--model-version")

    body_bytes: int = _option(64 * 2**20, "largest body, also when decompressed", "--max-body-bytes", least=1)
    body_ratio: float = _option(100, "largest ratio of decompressed to compressed body", "--max-body-ratio", least=1)
    json_depth: int = _option(64, "deepest nesting of a JSON body", "--max-json-depth", least=1)
    number_chars: int = _option(400, "longest number in a JSON body, in characters", "--max-number-chars", least=1)
    columns: int = _option(10_000, "most columns of a request", "--max-columns", least=1)
    cells: int = _option(2_000_000, "most cells (rows times columns) of a request", "--max-cells", least=1)
    array_bytes: int = _option(
        2**30, "most memory that one column or tensor of texts may take", "--max-array-bytes", least=1
    )
    error_bytes: int = _option(1024, "longest message of an error answer", "--max-error-bytes", least=80)

    header_bytes: int = _option(
        16 * 2**10, "largest request line and headers together", "--max-header-bytes", least=256
    )
    header_count: int = _option(100, "most headers of a request", "--max-headers", least=1)
    header_timeout: float = _option(10, "seconds in which all headers must have come", "--header-timeout", least=0.1)
    body_timeout: float = _option(30, "seconds in which a body must have come", "--body-timeout", least=0.1)
    body_rate: int = _option(
        64 * 2**10, "bytes per second: a body of n bytes gets n / rate seconds more", "--min-body-rate", least=1
    )

    api_keys_file: str = _option("", "file of the keys that clients need: lines NAME:HASH", "--api-keys-file")
    control_keys_file: str = _option(
        "", "file of the keys for the control routes, which exist only then", "--control-keys-file"
    )
    jwks_file: str = _option("", "file of the public keys that sign bearer tokens (JWKS)", "--jwks-file")
    jwt_issuer: str = _option("", "who must have issued a bearer token (iss)", "--jwt-issuer")
    jwt_audience: str = _option("", "whom a bearer token must be for (aud)", "--jwt-audience")
    rate_limit: float = _option(
        0, "requests a second that each caller may send; 0: as many as it likes", "--rate-limit"
    )
    cors_origins: str = _option("", "origins whose pages may call the server, with commas between", "--cors-origins")
    tls_cert: str = _option("", "certificate of the server and those up to its root (PEM)", "--tls-cert")
    tls_key: str = _option("", "private key of the certificate (PEM, not encrypted)", "--tls-key")
    tls_client_ca: str = _option("", "who must have signed the certificates of clients (PEM)", "--tls-client-ca")

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins of ``--cors-origins``."""
        return tuple(self.cors_origins.replace(",", " ").split())

    def __post_init__(self) -> None:
        """Refuse a number outside the range of its option, a route that is no plain path, and what is no origin."""
        for flag, route in (("--predict-route", self.predict_route), ("--health-route", self.health_route)):
            if not _ROUTE.fullmatch(route):
                raise InvalidArgument(f"{flag} takes a path such as /predict, got {route!r:.80}")
        for origin in self.allowed_origins:
            if not _ORIGIN.fullmatch(origin):
                tip = "an origin is https://HOST or https://HOST:PORT, without a path; * is for all"
                raise InvalidArgument(f"--cors-origins: {origin} is no origin", tip=tip)
        for option in fields(self):
            value, least, most = getattr(self, option.name), option.metadata["least"], option.metadata["most"]
            if not isinstance(value, str) and not least <= value <= most:
                flag = option.metadata["flags"][-1]
                raise InvalidArgument(f"{flag} takes a number from {least:g} to {most:g}, got {value}")

    def called(self, uri: str) -> Settings:
        """The same for the package at a pinned URI, whose name and version count where none are set."""
        from mlpack.stores import called

        name, version = called(uri)
        return replace(self, model_name=self.model_name or name, model_version=self.model_version or version)
