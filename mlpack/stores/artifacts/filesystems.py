"""Files in object stores and on other machines, through fsspec: s3, sftp, and untested gs, az, hdfs and their kin."""

from __future__ import annotations

import contextlib
import datetime
import importlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mlpack.errors import InvalidArgument, MissingFramework, MlpackError, PackageNotFound, StoreFailure
from mlpack.stores.artifacts.base import Advance, ArtifactFile, Artifacts, Interrupted, checked, held, receive

#: Scheme -> the module that fsspec needs for it, its distribution, and our extra.
_DRIVERS = {
    "s3": ("s3fs", "s3fs", "s3"),
    "sftp": ("sshfs", "sshfs", "sftp"),
    "gs": ("gcsfs", "gcsfs", "gs"),
    **dict.fromkeys(("az", "abfs", "abfss", "wasb", "wasbs"), ("adlfs", "adlfs", "azure")),
    **dict.fromkeys(("hdfs", "viewfs"), ("pyarrow.fs", "pyarrow", "hdfs")),
}
#: Each read is a request of its own where files are objects.
_BLOCK = 8 * 1024**2
#: Seconds until a connection must stand.
_CONNECT = 30


class FilesystemArtifacts(Artifacts):
    """The files below a URI of a scheme that fsspec knows."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        super().__init__(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())
        self._files, self._root = _filesystem(uri, self.uri)
        self._renames = parts.scheme.lower() in ("sftp", "hdfs", "viewfs")

    def list(self, path: str = "") -> Sequence[ArtifactFile]:
        folder = self._at(path)
        try:
            with self._told():
                found = self._files.ls(folder, detail=True)
        except PackageNotFound:
            return []
        return sorted(self._entries(folder, path, found), key=lambda file: file.path)

    def file(self, path: str = "") -> ArtifactFile | None:
        try:
            with self._told():
                info = self._files.info(self._at(path))
        except PackageNotFound:
            return None
        return None if info["type"] == "directory" else ArtifactFile(path, False, info.get("size"), _mark(info))

    def read_to(self, file: ArtifactFile, target: Path, *, advance: Advance = lambda done: None) -> None:
        place, start = self._at(file.path), held(target, file)
        with self._told():
            if start and _mark(self._files.info(place)) != file.mark:  # another file by now
                start = 0
            source = self._files.open(place, "rb")
            source.seek(start)
        try:
            receive(_Guarded(source), target, file, start=start, block=_BLOCK, advance=advance)
        finally:
            with contextlib.suppress(Exception):
                source.close()

    def write(self, local: Path, path: str) -> None:
        target = self._at(path)
        with self._told():
            if not self._renames:  # an object appears when it is whole
                self._files.put_file(str(local), target)
                return
            folder, _, name = target.rpartition("/")
            part = f"{folder}/.{name}.{os.urandom(4).hex()}.mlpack-part"
            self._files.makedirs(folder, exist_ok=True)
            self._files.put_file(str(local), part)
            self._files.mv(part, target)

    def _at(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{checked(path, of='the call')}" if path else self._root

    def _entries(self, folder: str, path: str, found: Iterable[dict[str, Any]]) -> Iterator[ArtifactFile]:
        for info in found:
            name = str(info["name"]).rstrip("/").rpartition("/")[2]
            if str(info["name"]).strip("/") == folder.strip("/"):  # a file lists itself, and S3 has marks of folders
                continue
            checked(name, of=self.uri)
            below = f"{path}/{name}" if path else name
            if info["type"] == "directory":
                yield ArtifactFile(below, is_dir=True)
            else:
                yield ArtifactFile(below, False, info.get("size"), _mark(info))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the libraries below, which are of many kinds, as ours."""
        try:
            yield
        except MlpackError:
            raise
        except FileNotFoundError as error:
            raise PackageNotFound(f"there is nothing at {self.uri}") from error
        except Exception as error:
            raise StoreFailure(f"{self.uri} cannot be read or written ({_reason(error)})") from error


class _Guarded:
    """A file whose errors, of whatever kind the library below has, all mean that it broke off."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, size: int, /) -> bytes:
        try:
            return bytes(self._file.read(size))
        except Exception as error:
            raise Interrupted(f"a file broke off ({_reason(error)})") from error


def _filesystem(uri: str, shown: str) -> tuple[Any, str]:
    scheme = uri.partition(":")[0].lower()
    module, distribution, extra = _DRIVERS[scheme]
    try:
        import fsspec

        importlib.import_module(module)
    except ImportError:
        raise MissingFramework(distribution, needed_for=f"reading {scheme}: URIs", extra=extra) from None
    parts = urlsplit(uri)
    # What is kept between calls would outlive a fork, which these libraries do not.
    fresh = {"skip_instance_cache": True}
    try:
        if scheme == "sftp":
            return fsspec.filesystem("sftp", **_ssh(uri), **fresh), unquote(parts.path)
        if scheme == "s3":
            return fsspec.filesystem("s3", **_s3(), **fresh), f"{parts.netloc}{parts.path}".rstrip("/")
        files, root = fsspec.core.url_to_fs(uri, use_listings_cache=False, **fresh)
    except MlpackError:
        raise
    except Exception as error:
        raise StoreFailure(f"{shown} cannot be reached ({_reason(error)})") from error
    return files, root


def _ssh(uri: str) -> dict[str, Any]:
    parts = urlsplit(uri)
    # The empty tuple has asyncssh check the server against ~/.ssh/known_hosts; sshfs itself would trust any.
    options: dict[str, Any] = {"host": parts.hostname, "known_hosts": (), "connect_timeout": _CONNECT}
    given = {"port": parts.port, "username": parts.username, "password": parts.password}
    return options | {name: unquote(str(value)) if name != "port" else value for name, value in given.items() if value}


def _s3() -> dict[str, Any]:
    """Endpoint, TLS and what goes with uploads, by MLflow's variables.

    Credentials, the region and AWS_ENDPOINT_URL are read by botocore itself.
    """
    options: dict[str, Any] = {"default_cache_type": "none", "use_listings_cache": False}
    if endpoint := os.environ.get("MLFLOW_S3_ENDPOINT_URL"):
        options["endpoint_url"] = endpoint
    if os.environ.get("MLFLOW_S3_IGNORE_TLS", "").lower() in ("true", "1"):
        options["client_kwargs"] = {"verify": False}
    if extra := os.environ.get("MLFLOW_S3_UPLOAD_EXTRA_ARGS"):
        options["s3_additional_kwargs"] = _map(extra)
    return options


def _map(text: str) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    raise InvalidArgument(f"MLFLOW_S3_UPLOAD_EXTRA_ARGS is {text!r}, and must be a map in JSON")


def _mark(info: dict[str, Any]) -> str:
    for key in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified"):
        if value := info.get(key):
            return value.isoformat() if isinstance(value, datetime.datetime) else str(value)
    return ""


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
