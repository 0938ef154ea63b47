"""What a server's refusal means: MLflow's code and message where it gave them, else the status."""

from __future__ import annotations

import orjson

from mlpack.errors import StoreFailure

_LONGEST = 500
_AUTHENTICATE = "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"


class MlflowRefusal(StoreFailure):
    """The server said why it refused; ``code`` is MLflow's name for the reason."""

    def __init__(self, server: str, code: str, message: str) -> None:
        self.code = code
        self.reason = _plain(message)
        super().__init__(f"{server} refused: {self.reason} ({_plain(code)})")


class NoSuchEndpoint(StoreFailure):
    """The server has no such path: it is no MLflow server, or of a release without it."""


def refusal(server: str, status: int, body: bytes) -> StoreFailure:
    """The exception for an answer that is no success. Traces that servers send along stay out of it."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    if status in (401, 403):
        return StoreFailure(f"{server} does not let you do that (status {status})", tip=_AUTHENTICATE)
    if isinstance(said, dict) and "error_code" in said and said["error_code"] != "ENDPOINT_NOT_FOUND":
        return MlflowRefusal(server, str(said["error_code"]), str(said.get("message", "")))
    if status in (404, 405):
        return NoSuchEndpoint(
            f"{server} has no such endpoint (status {status})",
            tip="check that the tracking URI names an MLflow server, and its release",
        )
    return StoreFailure(f"{server} failed with status {status}", tip="look into the server's log, or try again later")


def _plain(text: str) -> str:
    """What a server says, without what would act upon a terminal."""
    return "".join(char if char.isprintable() else " " for char in text[:_LONGEST])
