"""The route walk: every route by every method, against the tables in docs/serving.md and docs/access.md."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
from starlette.routing import Route

import mlpack.pyfunc
from mlpack_serving.access import OPEN
from mlpack_serving.app import ScoringApp
from mlpack_serving.keys import new_key
from mlpack_serving.settings import Settings

if TYPE_CHECKING:
    from tests.serving.conftest import Package, Server, StartServer

DOCS = Path(__file__).parents[2] / "docs"
ROW = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0]]}}'
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
#: What is no method of HTTP is no request.
UNKNOWN = "BREW"
NOWHERE = (
    "/",
    "/invocations/",
    "/Ping",
    "//ping",
    "/ping/..",
    "/docs",
    "/control/",
    "/control/stop",
    "/%2e%2e/version",
)
(KEY, LINE), (CONTROL_KEY, CONTROL_LINE) = new_key("alice"), new_key("root")


def table() -> dict[str, frozenset[str]]:
    """The methods of each route, as the page tells them."""
    section = (DOCS / "serving.md").read_text("utf-8").partition("## Routes\n")[2].partition("\n## ")[0]
    rows = [row.split("|")[1:3] for row in section.splitlines() if row.startswith("| `")]
    return {
        route: frozenset(methods.strip().split(", "))
        for routes, methods in rows
        for route in re.findall("`(.*?)`", routes)
    }


ROUTES = table()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("keys")
    (folder / "api").write_text(LINE)
    (folder / "control").write_text(CONTROL_LINE)
    return {"api_keys_file": str(folder / "api"), "control_keys_file": str(folder / "control")}


@pytest.fixture(scope="module")
def free(shared_server: StartServer, files: dict[str, str]) -> Server:
    """A server that asks for no key, but on the control routes."""
    return shared_server("flowers", control_keys_file=files["control_keys_file"])


@pytest.fixture(scope="module")
def locked(shared_server: StartServer, files: dict[str, str]) -> Server:
    """A server that asks for keys."""
    return shared_server("flowers", **files)


def ask(server: Server, method: str, path: str, key: str = "") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    head = f"{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n" + (f"x-api-key: {key}\r\n" if key else "")
    body = ROW if method == "POST" else b""
    received = server.exchange(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    first, _, content = received.partition(b"\r\n\r\n")
    lines = first.decode("latin-1").split("\r\n")
    return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), content


def test_the_page_has_every_route_of_the_application_and_no_other(package: Package, files: dict[str, str]) -> None:
    app = ScoringApp(mlpack.pyfunc.load_model(package("flowers")), Settings(**files))  # type: ignore[arg-type]
    routes = [route for route in app._routes.routes if isinstance(route, Route)]
    assert len(routes) == len(app._routes.routes)
    assert {route.path: frozenset(route.methods or ()) for route in routes} == ROUTES


@pytest.mark.parametrize(("path", "method"), list(product(ROUTES, METHODS)))
def test_every_route_takes_the_methods_of_the_page_and_no_other(free: Server, path: str, method: str) -> None:
    status, headers, body = ask(free, method, path, CONTROL_KEY)
    if method in ROUTES[path]:
        assert status == 200
    elif method == UNKNOWN:
        assert status == 400
    else:
        assert status == 405
        assert set(headers["allow"].split(", ")) == ROUTES[path]
        assert method == "HEAD" or orjson.loads(body)["error_code"] == "BAD_REQUEST"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("path", "method"), list(product(NOWHERE, METHODS)))
def test_there_is_nothing_anywhere_else(free: Server, path: str, method: str) -> None:
    status, _, body = ask(free, method, path, CONTROL_KEY)
    assert status == (400 if method == UNKNOWN else 404)
    assert method == "HEAD" or set(orjson.loads(body)) == {"error_code", "message"}


@pytest.mark.parametrize(("path", "method"), list(product([*ROUTES, *NOWHERE], METHODS)))
def test_nothing_is_open_without_a_key_but_what_the_page_says(locked: Server, path: str, method: str) -> None:
    status, headers, _ = ask(locked, method, path)
    if path in OPEN and method in ("GET", "HEAD"):
        assert status == 200
    elif method == UNKNOWN:
        assert status == 400
    else:
        assert status == 401
        assert headers["www-authenticate"].startswith("Bearer")


def test_the_page_says_what_is_open() -> None:
    page = (DOCS / "access.md").read_text("utf-8")
    told = re.search(r"everything needs one but the probes: (.*?), by GET or HEAD", page, re.DOTALL)
    assert told is not None
    assert set(re.findall("`(.*?)`", told[1])) == OPEN


def test_control_routes_exist_only_where_they_have_keys(shared_server: StartServer, files: dict[str, str]) -> None:
    running = shared_server("flowers", api_keys_file=files["api_keys_file"])
    for path in (path for path in ROUTES if path.startswith("/control/")):
        for method in set(METHODS) - {UNKNOWN}:
            assert ask(running, method, path, KEY)[0] == 404


def test_control_routes_take_their_own_keys_only(free: Server, locked: Server) -> None:
    for path in (path for path in ROUTES if path.startswith("/control/")):
        assert ask(free, "POST", path)[0] == 401
        assert ask(locked, "POST", path, KEY)[0] == 403
        assert ask(locked, "POST", path, CONTROL_KEY)[0] == 200
    assert ask(locked, "POST", "/invocations", CONTROL_KEY)[0] == 403
