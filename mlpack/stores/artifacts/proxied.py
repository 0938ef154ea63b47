"""Files that an MLflow server passes on: ``mlflow-artifacts:``."""

from __future__ import annotations

import io
import mimetypes
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from mlpack.errors import NotInStore, StoreFailure
from mlpack.stores.artifacts.base import Advance, ArtifactFile, Artifacts, checked, receive
from mlpack.stores.artifacts.sessions import session_for
from mlpack.stores.rest.client import about
from mlpack.stores.rest.connections import setting
from mlpack.stores.rest.refusals import NoSuchEndpoint
from mlpack.stores.rest.session import Session

API = "/api/2.0/mlflow-artifacts"
_SERVER_INFO = "/api/3.0/mlflow/server-info"
#: Most parts of an upload that S3 takes.
_MOST_PARTS = 10_000
_AT_ONCE = 8


class ProxiedArtifacts(Artifacts):
    """The files below ``root`` in the artifact store of a session's server.

    Files of MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE bytes or more go straight to the store behind the server, in
    parts of MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE, where the server says that it can arrange that.
    """

    def __init__(self, session: Session, root: str) -> None:
        super().__init__("/".join(filter(None, (f"{session.server}{API}/artifacts", root))))
        self._session = session
        self._root = root

    def list(self, path: str = "") -> Sequence[ArtifactFile]:
        asked = self._below(path)
        found = self._told(asked)
        # Asked for a file, servers list the file itself, as they would a folder with one file of its own name.
        if [file.path for file in found] == [asked.rpartition("/")[2]] and self.file(path):
            return []
        below = (replace(file, path=f"{path}/{file.path}" if path else file.path) for file in found)
        return sorted(below, key=lambda file: file.path)

    def file(self, path: str = "") -> ArtifactFile | None:
        parent, _, name = self._below(path).rpartition("/")
        beside = self._told(parent)
        return next((replace(file, path=path) for file in beside if file.path == name and not file.is_dir), None)

    def read_to(self, file: ArtifactFile, target: Path, *, advance: Advance = lambda done: None) -> None:
        with self._session.open("GET", self._url("artifacts", file.path)) as response:
            receive(response, target, file, advance=advance)

    def write(self, local: Path, path: str) -> None:
        checked(path, of="the call")
        large = setting("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", 500 * 1024**2)
        if local.stat().st_size >= max(large, 1) and self._takes_parts():
            self._write_in_parts(local, path)
            return
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        with (
            local.open("rb") as source,
            self._session.open(
                "PUT", self._url("artifacts", path), body=source, headers={"Content-Type": kind}
            ) as response,
        ):
            self._session.read(response)

    def _told(self, path: str) -> Sequence[ArtifactFile]:
        """What the server lists, asked for a path below its own root; by the names that it tells."""
        try:
            with about("artifacts", self.uri):
                answer = self._session.json("GET", f"{API}/artifacts", query={"path": path} if path else None)
                return [self._file(told) for told in answer.get("files") or ()]
        except NotInStore:
            return []

    def _file(self, told: dict[str, Any]) -> ArtifactFile:
        is_dir, size = bool(told.get("is_dir")), told.get("file_size")
        return ArtifactFile(checked(told["path"], of=self.uri), is_dir, None if is_dir or size is None else int(size))

    def _below(self, path: str) -> str:
        return "/".join(filter(None, (self._root, path and checked(path, of="the call"))))

    def _url(self, endpoint: str, path: str) -> str:
        return f"{API}/{endpoint}/{quote(self._below(path))}"

    def _takes_parts(self) -> bool:
        try:
            return bool(self._session.json("GET", _SERVER_INFO).get("multipart_uploads_enabled"))
        except NoSuchEndpoint:  # a server from before they told
            return False

    def _write_in_parts(self, local: Path, path: str) -> None:
        size = local.stat().st_size
        part = max(int(setting("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", 10 * 1024**2)), 1, -(-size // _MOST_PARTS))
        folder, _, name = path.rpartition("/")
        made = self._ask("create", folder, {"path": name, "num_parts": -(-size // part)})
        upload = {"path": name, "upload_id": made.get("upload_id")}
        try:
            with about("upload", path), ThreadPoolExecutor(_AT_ONCE) as pool:
                sending = [pool.submit(_send_part, local, part, told) for told in made["credentials"]]
                parts = [sent.result() for sent in sending]
            self._ask("complete", folder, {**upload, "parts": parts})
        except BaseException:
            self._ask("abort", folder, upload)
            raise

    def _ask(self, step: str, folder: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._session.json("POST", self._url(f"mpu/{step}", folder).rstrip("/"), body=body, repeatable=False)


def _send_part(local: Path, size: int, told: dict[str, Any]) -> dict[str, Any]:
    """Send one part to where the server said; our credentials for the server are not shown there."""
    number, url = int(told["part_number"]), str(told["url"])
    with local.open("rb") as file:
        file.seek((number - 1) * size)
        content = file.read(size)
    target = urlsplit(url)
    session = session_for(f"{target.scheme}://{target.netloc}", None)
    path = target._replace(scheme="", netloc="").geturl()
    with session.open("PUT", path, body=io.BytesIO(content), headers=told.get("headers") or {}) as response:
        session.read(response)
        etag = response.getheader("ETag")
    session.close()
    if not etag:
        raise StoreFailure(f"{target.hostname} took a part of a file and gave no ETag for it")
    return {"part_number": number, "etag": etag, "url": url}
