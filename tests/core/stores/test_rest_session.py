"""Requests to a tracking server: retries, redirects, credentials, connections."""

from __future__ import annotations

import base64
import http.client
import io
import socket
import time
from datetime import datetime, timezone
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mlpack.errors import InvalidArgument, StoreFailure
from mlpack.stores.rest import RestStore, Session
from mlpack.stores.rest.refusals import MlflowRefusal, NoSuchEndpoint
from tests.core.stores.http_server import Answer, answering

EVA = {"MLFLOW_TRACKING_USERNAME": "eva", "MLFLOW_TRACKING_PASSWORD": "x"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (
        "MLFLOW_TRACKING_TOKEN",
        "MLFLOW_TRACKING_USERNAME",
        "MLFLOW_TRACKING_PASSWORD",
        "HTTP_PROXY",
        "http_proxy",
    ):
        monkeypatch.delenv(name, raising=False)


class Growing(io.BytesIO):
    """A file that somebody appends to while it is read, or cuts off."""

    def __init__(self, content: bytes, then: bytes) -> None:
        super().__init__(content)
        self._then = then

    def read(self, size: int | None = -1, /) -> bytes:
        at = self.tell()
        self.seek(0)
        self.truncate()
        self.write(self._then)
        self.seek(at)
        return super().read(size)


def test_of_a_file_that_grows_what_was_there_is_sent() -> None:
    with answering(Answer()) as server:
        session = Session(server.uri)
        for _ in range(2):
            with session.open("PUT", "/f", body=Growing(b"abc", b"abcdef")) as response:
                response.read()
    assert [asked.body for asked in server.asked] == [b"abc"] * 2


def test_a_file_that_becomes_shorter_is_not_sent_for_whole() -> None:
    with answering(Answer()) as server, pytest.raises(StoreFailure, match="became shorter"):
        Session(server.uri).open("PUT", "/f", body=Growing(b"abc", b"a")).__enter__()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(status: int) -> None:
    with answering(Answer(status), Answer(status), Answer(body=b'{"a": 1}')) as server:
        assert Session(server.uri).json("POST", "/x", body={"b": 2}) == {"a": 1}
    assert [asked.body for asked in server.asked] == [b'{"b":2}'] * 3


def test_a_connection_that_breaks_is_made_again() -> None:
    with answering(Answer(drops=True), Answer(body=b'{"a": 1}')) as server:
        assert Session(server.uri).json("GET", "/x") == {"a": 1}


def test_retries_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    with answering(Answer(503)) as server, pytest.raises(StoreFailure, match="status 503"):
        Session(server.uri).json("GET", "/x")
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [("1", 1.0, 2.0), (format_datetime(datetime.now(timezone.utc)), 0.0, 0.5), ("²", 0.0, 0.5), ("soon", 0.0, 0.5)],
)
def test_a_server_says_when_to_ask_again(told: str, least: float, most: float) -> None:
    with answering(Answer(429, headers={"Retry-After": told}), Answer()) as server:
        began = time.monotonic()
        Session(server.uri).json("GET", "/x")
    assert least <= time.monotonic() - began < most


@pytest.mark.parametrize("length", ["10", "3000000"])
def test_an_answer_that_breaks_off_is_none(length: str) -> None:
    with answering(Answer(body=b'{"a": 1}', headers={"Content-Length": length, "Connection": "close"})) as server:
        with pytest.raises(StoreFailure, match="reached"):
            Session(server.uri).json("GET", "/x")
        with Session(server.uri).open("GET", "/x") as response, pytest.raises(http.client.IncompleteRead):
            while response.read(4):
                pass


def test_an_answer_without_end_is_not_read_to_it() -> None:
    with answering(Answer(body=b"x" * 5000)) as server:
        session = Session(server.uri)
        with session.open("GET", "/x") as response, pytest.raises(StoreFailure, match="more than 4000 bytes"):
            session.read(response, 4000)


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "c", "d", "e"]])
def test_pages_without_end_are_refused(tokens: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlpack.stores.rest.client._MOST_PAGES", 4)
    pages = [Answer(body=b'{"experiments": [], "next_page_token": "%s"}' % token.encode()) for token in tokens]
    with answering(*pages) as server, pytest.raises(StoreFailure, match="without end"):
        RestStore(server.uri).search_experiments()


def test_a_listing_is_asked_for_in_pages_until_there_is_enough() -> None:
    begin, pages = "t", [(b"a", b"b"), (b"c", b"d")]
    answers = [
        b'{"registered_models": [{"name": "%s"}, {"name": "%s"}], "next_page_token": "%s"}' % (*page, page[0])
        for page in pages
    ]
    with answering(*(Answer(body=body) for body in answers)) as server:
        found = RestStore(server.uri).search_registered_models(
            max_results=4, order_by=["name DESC", "x"], page_token=begin
        )
    assert ([model.name for model in found], found.token) == (["a", "b", "c", "d"], "c")
    asked = [parse_qs(urlsplit(one.path).query) for one in server.asked]
    assert [(one["max_results"], one["page_token"]) for one in asked] == [(["4"], ["t"]), (["2"], ["a"])]
    assert asked[0]["order_by"] == ["name DESC", "x"]


def test_a_name_that_would_end_the_text_of_a_filter_is_not_asked_for() -> None:
    with answering() as server:
        assert RestStore(server.uri).search_logged_models(["1"], name="x' AND name != 'x") == []
    assert server.asked == []


@pytest.mark.parametrize("answer", [Answer(500), Answer(504), Answer(drops=True)])
def test_what_must_not_happen_twice_is_not_sent_again_once_it_may_have_happened(answer: Answer) -> None:
    with answering(answer) as server, pytest.raises(StoreFailure):
        Session(server.uri).json("POST", "/x", body={}, repeatable=False)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_what_must_not_happen_twice_is_sent_again_where_it_was_turned_away(status: int) -> None:
    with answering(Answer(status, headers={"Retry-After": "0"}), Answer(body=b'{"a": 1}')) as server:
        assert Session(server.uri).json("POST", "/x", body={}, repeatable=False) == {"a": 1}


def test_a_file_is_sent_again_from_where_it_stood() -> None:
    file = io.BytesIO(b"skipped-content")
    file.seek(8)
    with answering(Answer(500), Answer()) as server, Session(server.uri).open("PUT", "/f", body=file) as response:
        response.read()
    assert [(asked.body, asked.headers["content-length"]) for asked in server.asked] == [(b"content", "7")] * 2


def test_connections_are_kept_and_replaced_when_the_server_closed_them() -> None:
    with answering(Answer(), Answer(headers={"Connection": "close"}), Answer()) as server:
        session = Session(server.uri)
        for _ in range(4):
            session.json("POST", "/x", body={}, repeatable=False)
        session.close()
    ports = [asked.client[1] for asked in server.asked]
    assert ports[0] == ports[1] != ports[2] == ports[3]


def test_nothing_listening_is_said_with_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(StoreFailure, match=rf"http://127.0.0.1:{port} cannot be reached .*refused") as caught:
        Session(f"http://eva:geheim@127.0.0.1:{port}").json("GET", "/x")
    assert "geheim" not in everything_said(caught.value)


@pytest.mark.parametrize(
    ("environ", "credentials", "file", "sent"),
    [
        ({"MLFLOW_TRACKING_TOKEN": "t0k"}, "", "", "Bearer t0k"),
        ({"MLFLOW_TRACKING_USERNAME": "eva", "MLFLOW_TRACKING_PASSWORD": "pä"}, "", "", "eva:pä"),
        ({}, "", "mlflow_tracking_username = ada\nmlflow_tracking_password = 100%", "ada:100%"),
        ({"MLFLOW_TRACKING_USERNAME": "eva"}, "", "mlflow_tracking_password = x", "eva:x"),
        ({"MLFLOW_TRACKING_TOKEN": "t0k", **EVA}, "", "", "eva:x"),
        ({"MLFLOW_TRACKING_TOKEN": "t0k"}, "bob:s%40d@", "", "bob:s@d"),
        ({}, "", "", None),
    ],
)
def test_who_we_are_comes_from_the_uri_the_environment_or_the_file(
    environ: dict[str, str],
    credentials: str,
    file: str,
    sent: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text(f"[mlflow]\n{file}\n")
    with answering() as server:
        Session(server.uri.replace("//", f"//{credentials}")).json("GET", "/x")
    if sent is not None and not sent.startswith("Bearer"):
        sent = "Basic " + base64.b64encode(sent.encode()).decode()
    assert server.asked[0].headers.get("authorization") == sent


@pytest.mark.parametrize("name", ["MLFLOW_TRACKING_AWS_SIGV4", "MLFLOW_TRACKING_AUTH"])
def test_ways_to_authenticate_that_are_not_spoken_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "true")
    with pytest.raises(InvalidArgument, match=name):
        Session("http://localhost")


def test_contradicting_tls_settings_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", "/ca.pem")
    with pytest.raises(InvalidArgument, match="contradict"):
        Session("https://localhost")


def test_a_redirect_on_the_same_server_is_followed() -> None:
    with answering(Answer(302, headers={"Location": "/y?z=1"}), Answer(body=b'{"a": 1}')) as server:
        assert Session(server.uri).json("GET", "/x") == {"a": 1}
    assert server.asked[1].path == "/y?z=1"


def test_credentials_are_not_carried_to_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t0k")
    with answering() as other, answering(Answer(307, headers={"Location": f"{other.uri}/steal?k=1"})) as server:
        with pytest.raises(StoreFailure, match=f"redirects to {other.uri}/steal, another server") as caught:
            Session(server.uri).json("GET", "/x")
        assert other.asked == []
    assert "t0k" not in everything_said(caught.value)


def test_a_redirect_that_would_lose_what_was_sent_is_refused() -> None:
    with answering(Answer(302, headers={"Location": "/login"})) as server, pytest.raises(StoreFailure, match="POST to"):
        Session(server.uri).json("POST", "/x", body={})


def test_redirects_in_a_circle_end() -> None:
    with answering(Answer(302, headers={"Location": "/x"})) as server, pytest.raises(StoreFailure, match="redirects"):
        Session(server.uri).json("GET", "/x")


def test_a_proxy_is_asked_with_the_whole_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(Answer(body=b'{"a": 1}')) as proxy:
        monkeypatch.setenv("http_proxy", proxy.uri.replace("//", "//user:word@"))
        assert Session("http://tracking.invalid:81/base").json("GET", "/x", query={"q": "a b"}) == {"a": 1}
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        Session(proxy.uri).json("GET", "/direct")
    assert [asked.path for asked in proxy.asked] == ["http://tracking.invalid:81/base/x?q=a+b", "/direct"]
    assert proxy.asked[0].headers["host"] == "tracking.invalid:81"
    assert proxy.asked[0].headers["proxy-authorization"].startswith("Basic ")
    assert "proxy-authorization" not in proxy.asked[1].headers


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (Answer(400, b'{"error_code": "X", "message": "why", "stack_trace": "File"}'), MlflowRefusal, r"why \(X\)"),
        (Answer(400, b'{"error_code": "X", "message": "w\\u001b[2Jhy"}'), MlflowRefusal, r"w \[2Jhy"),
        (Answer(404, b"<html>"), NoSuchEndpoint, "no such endpoint"),
        (Answer(401, b"You are not authenticated"), StoreFailure, "does not let you"),
        (Answer(200, b"<html>hello"), StoreFailure, "no JSON object"),
        (Answer(200, b"[1]"), StoreFailure, "no JSON object"),
    ],
)
def test_refusals_say_what_the_server_said(answer: Answer, kind: type[Exception], said: str) -> None:
    with answering(answer) as server, pytest.raises(kind, match=said) as caught:
        Session(server.uri).json("GET", "/x")
    assert "File" not in everything_said(caught.value)


def test_json_of_something_else_than_a_tracking_server_is_refused() -> None:
    with answering() as server, pytest.raises(StoreFailure, match="cannot be understood"):
        RestStore(server.uri).get_run("0" * 32)


@pytest.mark.parametrize("uri", ["http://", "ftp://host", "http://host?a=b", "http://host/#x"])
def test_what_names_no_server_is_refused(uri: str) -> None:
    with pytest.raises(InvalidArgument, match="a tracking server is named as"):
        Session(uri)


@pytest.mark.parametrize("text", ["many", "-1", "inf"])
def test_settings_that_are_no_number_are_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", text)
    with answering() as server, pytest.raises(InvalidArgument, match="MLFLOW_HTTP_REQUEST_MAX_RETRIES"):
        Session(server.uri).json("GET", "/x")


def everything_said(error: BaseException | None) -> str:
    """The messages of an exception and of all that it is chained to."""
    return "" if error is None else f"{error!r} {getattr(error, 'tip', '')} {everything_said(error.__cause__)}"
