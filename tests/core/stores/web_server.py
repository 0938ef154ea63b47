"""A real web server of one folder: index pages, ETags, ranges, and faults on request."""

from __future__ import annotations

import html
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

_BLOCK = 64 * 1024


class FolderServer(ThreadingHTTPServer):
    """``faults`` maps a path to how many bytes of it are sent before the connection breaks, once; ``got`` are GETs."""

    daemon_threads = True
    folder: Path
    faults: dict[str, int]
    index: dict[str, str]
    got: list[tuple[str, str | None]]
    pause: float

    @property
    def uri(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *where: Any) -> None:
        """A client may leave when it has read enough: the test that runs meanwhile is not to see it on stderr."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*where)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FolderServer

    def do_GET(self) -> None:
        self.server.got.append((self.path, self.headers.get("Range")))
        self._answer(send=True)

    def do_HEAD(self) -> None:
        self._answer(send=False)

    def _answer(self, *, send: bool) -> None:
        place = self.server.folder / unquote(self.path).strip("/")
        if self.path in self.server.index:
            self._send(200, self.server.index[self.path].encode(), {"Content-Type": "text/html"}, send)
        elif place.is_dir():
            names = sorted(f"{path.name}{'/' if path.is_dir() else ''}" for path in place.iterdir())
            links = "".join(f'<a href="{quote(name)}">{html.escape(name)}</a>' for name in ["../", *names])
            self._send(200, links.encode(), {"Content-Type": "text/html; charset=utf-8"}, send)
        elif place.is_file():
            self._file(place, send)
        else:
            self._send(404, b"", {}, send)

    def _file(self, place: Path, send: bool) -> None:
        content, etag = place.read_bytes(), f'"{place.stat().st_mtime_ns}"'
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range") == etag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            span = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._send(206, content[start:], {"ETag": etag, "Content-Range": span}, send)
        else:
            self._send(200, content, {"ETag": etag}, send)

    def _send(self, status: int, body: bytes, headers: dict[str, str], send: bool) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if not send:
            return
        breaks = self.server.faults.pop(self.path, None)
        for start in range(0, len(body[:breaks]), _BLOCK):
            self.wfile.write(body[:breaks][start : start + _BLOCK])
            time.sleep(self.server.pause)
        self.close_connection = breaks is not None

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(folder: Path, *, pause: float = 0) -> Iterator[FolderServer]:
    """A server of a folder; ended on leaving. ``pause`` seconds lie between blocks of 64 kB."""
    with FolderServer(("127.0.0.1", 0), _Handler) as server:
        server.folder, server.faults, server.index, server.got, server.pause = folder, {}, {}, [], pause
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
