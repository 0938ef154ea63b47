"""Which stores are used: what a call names, else what was set, else the environment, else the current folder's.

MLPACK_TRACKING_URI goes before MLFLOW_TRACKING_URI, and the registry's pair before being the tracking store itself.
Without any of them it is ``./mlruns``; or ``./mlflow.db``, where MLflow keeps its data there, which is only read.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from os import PathLike, fspath
from pathlib import Path

from mlpack.errors import InvalidArgument
from mlpack.stores.base import Store
from mlpack.stores.uri import LocalPath, parse

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9.-]+)(?:\+\w+)?:/")
_SERVERS = ("http", "https")
_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_DATABRICKS = re.compile(r"(databricks|databricks-uc|uc)(:|$)")
#: What a store that is opened depends on beside its URI.
_ACCESS = (
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_CLIENT_CERT_PATH",
    "MLFLOW_TRACKING_SERVER_CERT_PATH",
    "MLFLOW_TRACKING_INSECURE_TLS",
)


class _Chosen:
    """What this process set."""

    tracking: str | None = None
    registry: str | None = None


def set_tracking_uri(uri: str | PathLike[str] | None) -> None:
    """Use this store from now on; None goes back to the environment.

    Raises:
        InvalidArgument: stores are not read from such a URI.
    """
    _Chosen.tracking = _checked(uri)


def set_registry_uri(uri: str | PathLike[str] | None) -> None:
    """Use this store for registered models from now on; None goes back to the environment.

    Raises:
        InvalidArgument: stores are not read from such a URI.
    """
    _Chosen.registry = _checked(uri)


def get_tracking_uri() -> str:
    """The URI of the store of runs."""
    given = _Chosen.tracking or os.environ.get("MLPACK_TRACKING_URI") or os.environ.get("MLFLOW_TRACKING_URI")
    return given or _default(Path.cwd())


def get_registry_uri(tracking_uri: str | None = None) -> str:
    """The URI of the store of registered models: that of the runs, unless it was set apart."""
    given = _Chosen.registry or os.environ.get("MLPACK_REGISTRY_URI") or os.environ.get("MLFLOW_REGISTRY_URI")
    return given or tracking_uri or get_tracking_uri()


def tracking_store(uri: str | PathLike[str] | None = None) -> Store:
    """The store of runs at ``uri``, or the configured one. One URI gives one store, whose connections are kept.

    Raises:
        InvalidArgument: stores are not read from such a URI.
    """
    text = _checked(uri) or get_tracking_uri()
    return _opened(text, Path.cwd(), tuple(os.environ.get(name) for name in _ACCESS))


def registry_store(uri: str | PathLike[str] | None = None, tracking_uri: str | None = None) -> Store:
    """The store of registered models at ``uri``, or the configured one, or that of the runs at ``tracking_uri``."""
    return tracking_store(uri or get_registry_uri(tracking_uri))


def _default(folder: Path) -> str:
    runs, database = folder / "mlruns", folder / "mlflow.db"
    if database.is_file() and not any(runs.glob("[0-9]*/meta.yaml")):
        return f"sqlite:///{database}"
    return runs.as_uri()


def _checked(uri: str | PathLike[str] | None) -> str | None:
    if uri is None or not fspath(uri):
        return None
    text = fspath(uri)
    if not isinstance(uri, str):
        return Path(text).absolute().as_uri()
    _kind(text)
    return text


def _kind(uri: str) -> str:
    """The scheme of a store that is read here; empty for a folder."""
    if _DATABRICKS.match(uri):
        raise InvalidArgument(
            f"{uri!r}: stores of Databricks are not supported", tip="download the package, and give its folder"
        )
    found = _SCHEME.match(uri)
    scheme = found[1].lower() if found else ""
    if scheme in ("", "file") or scheme in _SERVERS or scheme in _DATABASES:
        return scheme
    known = ", ".join(f"{one}:" for one in ("file", *_SERVERS, *_DATABASES))
    raise InvalidArgument(
        f"{scheme}: is no kind of store", tip=f"set the tracking URI to a folder, or to one of {known}"
    )


@lru_cache(maxsize=16)
def _opened(uri: str, folder: Path, access: tuple[str | None, ...]) -> Store:
    scheme = _kind(uri)
    if scheme in _SERVERS:
        from mlpack.stores.rest import RestStore

        return RestStore(uri)
    if scheme in _DATABASES:
        from mlpack.stores.sql import SqlStore

        return SqlStore(uri)
    from mlpack.stores.file_store import FileStore

    local = parse(uri) if uri.lower().startswith("file:") else LocalPath(Path(uri))
    assert isinstance(local, LocalPath)  # noqa: S101 - what a file: URI is parsed to
    return FileStore(uri, folder / local.path)
