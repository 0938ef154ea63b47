"""Whatever is sent, the answer is a 4xx or what it should be: nothing fails, hangs, leaks or is taken wrongly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.serving.malformed import Case
from tests.serving.malformed.asking import outcomes
from tests.serving.malformed.bodies import bodies
from tests.serving.malformed.framing import framing
from tests.serving.malformed.tables import tables

if TYPE_CHECKING:
    from tests.serving.conftest import Server, StartServer


@pytest.fixture(scope="module")
def running(shared_server: StartServer) -> Server:
    return shared_server("typed")


@pytest.mark.parametrize("cases", [framing, bodies, tables])
def test_what_is_malformed_is_refused_and_nothing_else_is(running: Server, cases: Callable[[], Iterator[Case]]) -> None:
    found = outcomes(running.port, cases())
    assert [(each.fault, each.case.name, each.answer) for each in found if each.fault] == []
    refusals = [each.answer for each in found if each.status is not None and each.status >= 400]
    assert len(refusals) > 100
    for each in refusals:
        head, _, body = each.partition(b"\r\n\r\n")
        assert b"\r\nx-request-id: " in head
        assert orjson.loads(body).keys() == {"error_code", "message"}
    assert "Traceback" not in running.log.read_text("utf-8")
