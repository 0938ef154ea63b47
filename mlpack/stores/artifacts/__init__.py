"""Where files of runs and models are kept, by URI: to list, read and write."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from mlpack.errors import InvalidArgument
from mlpack.stores.artifacts.base import ArtifactFile, Artifacts
from mlpack.stores.artifacts.fetching import fetch_all
from mlpack.stores.artifacts.local import LocalArtifacts
from mlpack.stores.uri import LocalPath, RemoteUri, parse, without_credentials

__all__ = ["ArtifactFile", "Artifacts", "fetch_all", "open_artifacts"]

_PROXY = "/api/2.0/mlflow-artifacts/artifacts"


def open_artifacts(uri: str, store: str | None = None) -> Artifacts:
    """The files at a URI that says itself where they are; ``store`` is the tracking URI that named it.

    The credentials of a tracking server are shown to that server only.

    Raises:
        InvalidArgument: the URI names a run or a model, or needs a tracking server that is not known.
        MissingFramework: an extra is not installed.
        StoreFailure: it cannot be reached.
    """
    place = parse(uri)
    if isinstance(place, LocalPath):
        return LocalArtifacts(place.path)
    if not isinstance(place, RemoteUri):
        raise InvalidArgument(f"{uri!r} names a run or a model, not a place for files")
    bare = re.split("[?#]", uri)[0]
    if bare != uri:
        raise InvalidArgument(
            f"{without_credentials(bare)!r} is followed by a query or a fragment, which files are not fetched by",
            tip="leave out the ? or # and what is after it",
        )
    if place.scheme in ("http", "https", "mlflow-artifacts"):
        return _over_http(uri, store)
    from mlpack.stores.artifacts.filesystems import FilesystemArtifacts

    return FilesystemArtifacts(uri)


def _over_http(uri: str, store: str | None) -> Artifacts:
    from mlpack.stores.artifacts.proxied import ProxiedArtifacts
    from mlpack.stores.artifacts.sessions import proxy_of, session_for
    from mlpack.stores.artifacts.web import WebArtifacts

    if uri.lower().startswith("mlflow-artifacts:"):
        server, root = proxy_of(uri, store), urlsplit(uri).path
    else:
        server, proxied, root = uri.partition(_PROXY)
        if not proxied:
            return WebArtifacts(session_for(uri.rstrip("/"), store))
    return ProxiedArtifacts(session_for(server, store), unquote(root).strip("/"))
