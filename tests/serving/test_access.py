"""Who gets through to a real server: by its lane, and by the application under uvicorn's own protocol."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import orjson
import pytest

from mlpack_serving.access import OPEN
from mlpack_serving.keys import new_key
from mlpack_serving.rates import RateLimit, mark_of
from tests.serving.conftest import request
from tests.serving.test_lanes import answers

if TYPE_CHECKING:
    from tests.serving.conftest import Client, Server, StartServer

ROW = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0]]}}'
KEY, LINE = new_key("alice")
CONTROL_KEY, CONTROL_LINE = new_key("root")
PAGE = "https://page.example"
HEADS: dict[str, tuple[int, list[str]]] = {
    "no key": (401, []),
    "a bearer": (200, [f"authorization: Bearer {KEY}"]),
    "spaces and small letters": (200, [f"Authorization:   bearer   {KEY}  "]),
    "a key of its own header": (200, [f"X-API-Key: {KEY}"]),
    "a key beside another scheme": (200, ["authorization: Basic YTpi", f"x-api-key: {KEY}"]),
    "another scheme": (401, [f"authorization: Basic {KEY}"]),
    "no scheme": (401, [f"authorization: {KEY}"]),
    "nothing": (401, ["authorization: Bearer", "x-api-key:"]),
    "an unknown key": (401, [f"authorization: Bearer {KEY}x"]),
    "a part of the key": (401, [f"x-api-key: {KEY[:-1]}"]),
    "the line of the key": (401, [f"x-api-key: {LINE}"]),
    "two headers, the last right": (200, ["x-api-key: wrong", f"x-api-key: {KEY}"]),
    "two headers, the last wrong": (401, [f"x-api-key: {KEY}", "x-api-key: wrong"]),
    "bytes beyond ASCII": (401, ["x-api-key: \xe9\xff"]),
    "a key for control": (403, [f"x-api-key: {CONTROL_KEY}"]),
    "what looks like a token": (401, ["authorization: Bearer a.b.c"]),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Options that name files with both kinds of keys."""
    folder = tmp_path_factory.mktemp("keys")
    for name, line in {"api": LINE, "control": CONTROL_LINE}.items():
        (folder / name).write_text(line)
        (folder / name).chmod(0o600)
    return {"api_keys_file": str(folder / "api"), "control_keys_file": str(folder / "control")}


@pytest.fixture(scope="module")
def ours(shared_server: StartServer, files: dict[str, str]) -> Server:
    """A server that asks for keys, as people start it."""
    return shared_server("flowers", **files)


@pytest.fixture(scope="module")
def plain(shared_server: StartServer, files: dict[str, str]) -> Server:
    """The application of such a server under uvicorn's own protocol."""
    return shared_server("flowers", script="run_uvicorn.py", **files)


@pytest.mark.parametrize(("status", "headers"), HEADS.values(), ids=HEADS)
def test_every_kind_of_key_is_answered_alike(ours: Server, plain: Server, status: int, headers: list[str]) -> None:
    message = request(ROW, "content-type: application/json", *headers)
    expected = answers(plain, message)[0]
    assert int(expected.split()[1]) == status
    assert answers(ours, message, message) == [expected] * 2


@pytest.mark.parametrize("body", [b"", b"no JSON", ROW + b" " * 20_000])
def test_nothing_of_a_body_is_read_without_a_key(ours: Server, plain: Server, body: bytes) -> None:
    message = request(body, "content-type: application/json")
    expected = answers(plain, message)[0]
    assert orjson.loads(expected.rpartition(b"\r\n")[2])["error_code"] == "UNAUTHENTICATED"
    assert answers(ours, message) == [expected]


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [([], b'Bearer realm="mlpack"'), (["x-api-key: x"], b'Bearer realm="mlpack", error="invalid_token"')],
)
def test_who_is_not_known_is_told_how_to_be(ours: Server, headers: list[str], challenge: bytes) -> None:
    answer = answers(ours, request(ROW, *headers))[0]
    assert re.findall(rb"www-authenticate: ([^\r]*)", answer) == [challenge]


def test_who_is_not_known_learns_nothing_of_the_model(ours: Server, plain: Server) -> None:
    for server in (ours, plain):
        stranger, friend = answers(server, request(ROW), request(ROW, f"x-api-key: {KEY}"))
        assert b"x-mlpack-" in friend
        assert b"x-mlpack-" not in stranger
        assert b"flowers" not in stranger


def test_keys_are_in_no_answer_and_in_no_log(ours: Server) -> None:
    for headers in ([f"x-api-key: {KEY}"], [f"x-api-key: {KEY}x"], [f"x-api-key: {CONTROL_KEY}"]):
        answer = answers(ours, request(b"no JSON", *headers))[0]
        assert KEY not in answer.decode() and CONTROL_KEY not in answer.decode()
    log = ours.log.read_text("utf-8")
    assert KEY not in log and CONTROL_KEY not in log


def test_a_connection_can_be_used_again_after_a_refusal(ours: Server) -> None:
    right = request(ROW, f"x-api-key: {KEY}")
    codes = [answer.split()[1] for answer in answers(ours, request(ROW), right, request(ROW), right)]
    assert codes == [b"401", b"200", b"401", b"200"]


def test_all_workers_count_what_a_caller_sends(shared_server: StartServer, files: dict[str, str]) -> None:
    running = shared_server("flowers", workers=2, rate_limit=0.01, api_keys_file=files["api_keys_file"])
    message = request(ROW, f"x-api-key: {KEY}")
    received = [answers(running, message)[0] for _ in range(8)]  # a connection each, some to each worker
    assert [answer.split()[1] for answer in received] == [b"200"] + [b"429"] * 7
    again = {name: int(value) for name, value in re.findall(rb"(retry-after[a-z-]*): (\d+)\r", received[-1])}
    assert 0 <= again[b"retry-after"] * 1000 - again[b"retry-after-ms"] < 1000
    assert 90 < again[b"retry-after"] <= 100
    assert answers(running, request(ROW))[0].split()[1] == b"401"
    live = b"GET /live HTTP/1.1\r\nhost: a\r\n\r\n"
    assert answers(running, live)[0].split()[1] == b"200"


def test_a_bucket_lets_a_burst_pass_and_then_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("mlpack_serving.rates.time.monotonic", lambda: now)
    limit = RateLimit(10)

    def passed(caller: str) -> int:
        return sum(1 for _ in range(50) if not _refused(limit, caller))

    assert passed("alice") == 10
    assert passed("bob") == 10
    now += 0.35
    assert passed("alice") == 3
    now += 100
    assert passed("alice") == 10


def _refused(limit: RateLimit, caller: str) -> bool:
    from mlpack_serving.errors import RateLimited

    try:
        limit.take(mark_of(caller))
    except RateLimited:
        return True
    return False


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no workers")
def test_what_one_process_takes_is_gone_for_the_other() -> None:
    code = """
import os
from mlpack_serving.errors import RateLimited
from mlpack_serving.rates import RateLimit

limit = RateLimit(0.001)
if os.fork() == 0:
    limit.take(7)
    os._exit(0)
os.wait()
limit.take(8)
try:
    limit.take(7)
except RateLimited:
    print("refused")
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"refused\n"


def test_thousands_of_callers_have_buckets_of_their_own() -> None:
    limit = RateLimit(0.001)
    assert not any(_refused(limit, f"caller {at}") for at in range(5000))
    assert all(_refused(limit, f"caller {at}") for at in range(5000))


@pytest.fixture(scope="module")
def open_to_pages(shared_server: StartServer, files: dict[str, str]) -> Iterator[Server]:
    """A server that a page of another origin may call."""
    yield shared_server("flowers", cors_origins=f"{PAGE}, https://other.example", **files)


def test_no_page_of_another_origin_is_let_in_unless_it_is_named(ours: Server, open_to_pages: Server) -> None:
    message = request(ROW, f"x-api-key: {KEY}", f"origin: {PAGE}")
    assert b"access-control" not in answers(ours, message)[0]
    for _ in range(2):
        assert f"access-control-allow-origin: {PAGE}\r\n".encode() in answers(open_to_pages, message)[0]
    stranger = request(ROW, f"x-api-key: {KEY}", "origin: https://evil.example")
    assert b"access-control-allow-origin" not in answers(open_to_pages, stranger)[0]


def test_a_browser_asks_without_the_key_whether_it_may_send_it(ours: Server, open_to_pages: Server) -> None:
    asks = [f"origin: {PAGE}", "access-control-request-method: POST", "access-control-request-headers: authorization"]
    preflight = request(b"", *asks).replace(b"POST", b"OPTIONS", 1)
    assert answers(ours, preflight)[0].split()[1] == b"401"
    answer = answers(open_to_pages, preflight)[0]
    assert answer.split()[1] == b"200"
    assert b"authorization" in re.findall(rb"access-control-allow-headers: ([^\r]*)", answer)[0]
    assert b"access-control-allow-credentials" not in answer
    refused = preflight.replace(b"-method: POST", b"-method: DELETE")
    assert answers(open_to_pages, refused)[0].split()[1] == b"400"
    assert b"access-control-allow-origin" in answers(open_to_pages, request(ROW, f"origin: {PAGE}"))[0]  # of the 401


def test_an_application_in_this_process_asks_for_keys_too(client: Client, files: dict[str, str]) -> None:
    asking = client("flowers", **files)
    assert asking.get("/version").status_code == 401
    assert asking.get("/version", headers={"x-api-key": KEY}).status_code == 200


def test_the_description_says_what_needs_a_key(client: Client, files: dict[str, str]) -> None:
    paths = client("flowers", **files).get("/openapi.json", headers={"x-api-key": KEY}).json()["paths"]
    asked = {path for path, methods in paths.items() for told in methods.values() if "security" in told}
    assert asked == paths.keys() - OPEN
    assert "401" in paths["/version"]["get"]["responses"] and "401" not in paths["/live"]["get"]["responses"]
    document = client("flowers").get("/openapi.json").json()
    assert "security" not in orjson.dumps(document).decode()


def test_a_route_of_ones_own_is_open_or_not_as_the_usual_one(client: Client, files: dict[str, str]) -> None:
    asking = client("flowers", predict_route="/predict", health_route="/isalive", **files)
    assert asking.get("/isalive").status_code == 200
    assert [asking.post(path, content=ROW).status_code for path in ("/isalive", "/predict")] == [401, 401]
    assert asking.post("/predict", content=ROW, headers={"x-api-key": KEY}).status_code == 200


def test_what_goes_past_the_lane_is_counted_too(client: Client, files: dict[str, str]) -> None:
    asking = client("flowers", rate_limit=0.01, api_keys_file=files["api_keys_file"])
    codes = [
        asking.post(path, content=ROW, headers={"x-api-key": KEY}) for path in ("/invocations", "/invocations", "/x")
    ]
    assert [answer.status_code for answer in codes] == [200, 429, 429]
    assert codes[1].json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert 90 < int(codes[1].headers["retry-after"]) <= 100
    assert asking.get("/ready").status_code == 200
