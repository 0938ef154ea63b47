"""The heads that the lane reads for itself: whatever it takes, the parser takes for the same request."""

from __future__ import annotations

from typing import cast

import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpack_serving.access import Access
from mlpack_serving.batching import Batcher
from mlpack_serving.exchange import UNMARKED, Marks
from mlpack_serving.lane import Lane
from mlpack_serving.metrics import Metrics
from mlpack_serving.observer import INVOCATIONS, Observer
from mlpack_serving.provenance import Provenance
from mlpack_serving.scoring import Scorer
from mlpack_serving.settings import Settings
from tests.serving.conftest import request

USUAL = request(b"{}", "content-type: application/json", "accept: */*", "connection: keep-alive", "x-id: 7")
TRACE = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
LINES = [
    b"content-length: 3",
    b"Content-Length:2",
    b"content-length: +2",
    b"content-length: 2 2",
    b"transfer-encoding: chunked",
    b"Transfer-Encoding : chunked",
    b"connection: close",
    b"Connection: keep-alive, upgrade",
    b"proxy-connection: close",
    b"upgrade: h2c",
    b"expect: 100-continue",
    b"content-encoding: gzip",
    b"content-type: text/csv",
    b" folded: yes",
    b"no colon",
    b": no name",
    b"a\x00b: c",
    b"cookie: a=b; c=d",
    b"x-latin: \xe9\xff",
    b"x-request-id: order-7",
    b"X-Request-ID:",
    b"traceparent: " + TRACE,
]
TAKEN = 5  # of these lines, the last


class Seen:
    """What a parser tells of the first request in its bytes."""

    def __init__(self, data: bytes) -> None:
        self.url = self.body = b""
        self.headers: list[bytes] = []
        self.complete = 0
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append(name.lower())

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete += 1


def lane() -> Lane:
    """A lane that only reads heads."""
    model = Provenance(name="flowers", version="3", digest="sha256:00", flavor="sklearn")
    observer = Observer(Metrics(), [INVOCATIONS], model, Settings())
    return Lane(cast(Scorer, None), cast(Batcher, None), Settings(), Access(Settings()), observer)


@settings(max_examples=1000, deadline=None)
@given(st.data())
def test_what_the_lane_takes_the_parser_takes_for_the_same(data: st.DataObject) -> None:
    message = bytearray(USUAL)
    for line in data.draw(st.lists(st.sampled_from(LINES), max_size=2)):
        message[26:26] = line + b"\r\n"  # after the first line
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(message) - 3))
        message[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    sent = bytes(message)
    start, length, _, _ = lane().measure(sent)
    if length:
        whole = sent[: start + length].ljust(start + length, b" ")
        seen = Seen(whole)
        assert (seen.complete, seen.url, seen.body) == (1, b"/invocations", whole[start:])
        assert (seen.parser.get_method(), seen.parser.get_http_version()) == (b"POST", "1.1")
        assert seen.parser.should_keep_alive()
        assert not {b"transfer-encoding", b"content-encoding", b"expect", b"upgrade"} & set(seen.headers)


@pytest.mark.parametrize("line", LINES[:-TAKEN])
def test_what_is_not_usual_is_left_to_the_parser(line: bytes) -> None:
    assert lane().measure(USUAL.replace(b"x-id: 7", line))[1] == 0


def test_a_head_is_known_again_and_few_are_kept() -> None:
    reader = lane()
    for at in range(5000):
        message = USUAL.replace(b"x-id: 7", b"x-id: %d" % at)
        assert reader.measure(message) == reader.measure(message) == (message.index(b"{}"), 2, None, UNMARKED)
    assert len(reader._heads) <= 2048


def test_heads_that_differ_only_in_what_a_client_calls_its_request_are_one() -> None:
    reader = lane()
    for at in range(5000):
        message = USUAL.replace(b"x-id: 7", b"X-Request-Id:  order-%d\r\ntraceparent: %b" % (at, TRACE))
        assert reader.measure(message) == (message.index(b"{}"), 2, None, Marks(b"order-%d" % at, TRACE))
    assert len(reader._heads) == 1


@pytest.mark.parametrize("value", [b"", b"a b", b"x" * 129, b'"quoted"', b"\xe9", b"<b>"])
def test_an_id_that_could_be_taken_for_something_else_is_not_taken_over(value: bytes) -> None:
    message = USUAL.replace(b"x-id: 7", b"x-request-id: " + value)
    assert lane().measure(message) == (message.index(b"{}"), 2, None, UNMARKED)


@pytest.mark.parametrize("size", [0, 16 * 2**10 + 1, 10**12])
def test_an_empty_or_large_body_is_left_to_the_application(size: int) -> None:
    assert lane().measure(USUAL.replace(b"content-length: 2", b"content-length: %d" % size))[1] == 0
