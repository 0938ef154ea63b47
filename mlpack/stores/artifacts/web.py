"""Files of a plain web server, whose folders are read from their index pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from http import HTTPStatus
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from mlpack.errors import InvalidArgument
from mlpack.stores.artifacts.base import Advance, ArtifactFile, Artifacts, checked, held, receive
from mlpack.stores.rest.refusals import NoSuchEndpoint
from mlpack.stores.rest.session import Session

_LARGEST_INDEX = 16 * 1024**2
_AT_ONCE = 8
_NUMBER = re.compile("[0-9]{1,18}")


class WebArtifacts(Artifacts):
    """The files below the URI of a session. They cannot be written."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.server)
        self._session = session

    def list(self, path: str = "") -> Sequence[ArtifactFile]:
        place = self._url(path) + "/"
        try:
            with self._session.open("GET", place) as response:
                if response.headers.get_content_type() != "text/html":
                    return []
                text = self._session.read(response, _LARGEST_INDEX).decode("utf-8", "replace")
        except NoSuchEndpoint:
            return []
        names = sorted(set(self._children(text, urlsplit(self.uri).path + place)))
        below = [f"{path}/{name}" if path else name for name in names]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self._entry, below))

    def file(self, path: str = "") -> ArtifactFile | None:
        try:
            return self._entry(path)
        except NoSuchEndpoint:
            return None

    def read_to(self, file: ArtifactFile, target: Path, *, advance: Advance = lambda done: None) -> None:
        start = held(target, file)
        headers = {"Range": f"bytes={start}-", "If-Range": file.mark} if start else {}
        with self._session.open("GET", self._url(file.path), headers=headers) as response:
            # A server that does not know ranges, or has another file by now, sends it whole.
            rest = response.status == HTTPStatus.PARTIAL_CONTENT and _first_byte(response) == start
            receive(response, target, file, start=start if rest else 0, advance=advance)

    def write(self, local: Path, path: str) -> None:
        raise InvalidArgument(f"{self.uri} is a plain web server, which cannot be written")

    def _children(self, text: str, place: str) -> Iterator[str]:
        """Names that links of an index page lead to, directly below it; folders end with a slash."""
        base = f"{urlsplit(self.uri)._replace(path='').geturl()}{place}"
        for link in _links(text):
            to = urlsplit(urljoin(base, link))
            if to.query or to.fragment or to._replace(path="").geturl() != urlsplit(base)._replace(path="").geturl():
                continue
            path, folder = unquote(to.path), unquote(place)
            name = path[len(folder) :]
            if path.startswith(folder) and name and "/" not in name.rstrip("/"):
                yield checked(name.rstrip("/"), of=self.uri) + ("/" if name.endswith("/") else "")

    def _entry(self, path: str) -> ArtifactFile:
        if path.endswith("/"):
            return ArtifactFile(path[:-1], is_dir=True)
        with self._session.open("HEAD", self._url(path)) as response:
            self._session.read(response)
            size = response.getheader("Content-Length", "")
            etag = response.getheader("ETag", "")
            # A weak ETag says that the content means the same, not that its bytes are.
            mark = etag if etag.startswith('"') else response.getheader("Last-Modified", "")
            return ArtifactFile(path, False, int(size) if _NUMBER.fullmatch(size) else None, mark)

    def _url(self, path: str) -> str:
        return f"/{quote(checked(path, of='the call'))}" if path else ""


def _first_byte(response: HTTPResponse) -> int | None:
    unit, _, span = response.getheader("Content-Range", "").partition(" ")
    first = span.partition("-")[0]
    return int(first) if unit == "bytes" and _NUMBER.fullmatch(first) else None


def _links(text: str) -> list[str]:
    found: list[str] = []

    class Anchors(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value for name, value in attrs if tag == "a" and name == "href" and value)

    parser = Anchors()
    parser.feed(text)
    parser.close()
    return found
