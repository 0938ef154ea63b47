from __future__ import annotations

import json

import pytest

from mlpack.errors import LimitExceeded, MalformedPayload
from mlpack.payloads import Limits
from mlpack.payloads.json_text import parse_json

LIMITS = Limits()


@pytest.mark.parametrize("value", [2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**30, [2**70, 1.5, "text"]])
def test_integers_keep_every_digit(value: object) -> None:
    assert repr(parse_json(json.dumps({"a": value}).encode(), LIMITS)) == repr({"a": value})


def test_digits_in_text_are_no_long_number() -> None:
    body = json.dumps({"a": "1" * 1000, "b": '"' + "2" * 1000, "c": 0.1}).encode()
    assert parse_json(body, LIMITS) == json.loads(body)


@pytest.mark.parametrize("body", [b"NaN", b"[Infinity]", b"[-Infinity]", b'{"a": nan}'])
def test_nan_and_infinity_are_no_json(body: bytes) -> None:
    with pytest.raises(MalformedPayload, match="line 1"):
        parse_json(body, LIMITS)


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"{", b"[1,]", b'"\xff"', b'"\\ud800"', b"\xff\xfe[\x001\x00]\x00", b"01", b"1e400", b"'a'", b"[1] 2"],
)
def test_broken_json_is_refused_without_a_word_of_it(body: bytes) -> None:
    with pytest.raises(MalformedPayload) as caught:
        parse_json(b'["secret",' + body + b"]" if body.startswith(b"'") else body, LIMITS)
    assert "secret" not in str(caught.value)


def test_a_byte_order_mark_is_skipped() -> None:
    assert parse_json(b"\xef\xbb\xbf[1]", LIMITS) == [1]


@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_nesting_is_limited(pair: str) -> None:
    def nested(depth: int) -> bytes:
        opening = "[" if pair == "[]" else '{"a":'
        return (opening * depth + "0" + pair[1] * depth).encode()

    parse_json(nested(64), LIMITS)
    for depth in (65, 1025, 100_000):
        with pytest.raises(LimitExceeded, match="nesting") as caught:
            parse_json(nested(depth), LIMITS)
        assert caught.value.option == "--max-json-depth"


def test_brackets_in_text_neither_count_nor_hide_nesting() -> None:
    shallow = json.dumps(["[" * 100, "\\[" * 100, '"[']).encode()
    assert parse_json(shallow, LIMITS) == json.loads(shallow)
    hidden = b'["]",' * 70 + b'"x"' + b"]" * 70
    for body in (hidden, hidden.replace(b"x", b'\\"]]')):
        with pytest.raises(LimitExceeded):
            parse_json(body, LIMITS)


def test_wide_is_not_deep() -> None:
    rows = [[1], [2]] * 1000
    assert parse_json(json.dumps(rows).encode(), LIMITS) == rows


@pytest.mark.parametrize(
    "number", ["1" * 401, "0." + "1" * 399, "1." + "0" * 396 + "e-1", "-" + "1" * 200 + "." + "1" * 199]
)
def test_long_numbers_are_refused(number: str) -> None:
    assert len(number) == 401
    with pytest.raises(LimitExceeded, match="length of a number is limited to 400, got 401"):
        parse_json(f'{{"a": [{number}]}}'.encode(), LIMITS)


@pytest.mark.parametrize("most", [1, 2, 7, 30, 70])
def test_the_limit_of_numbers_holds_whatever_it_is(most: int) -> None:
    limits = Limits(number_chars=most)
    assert parse_json(b"[" + b"1" * most + b"]", limits) == [int("1" * most)]
    with pytest.raises(LimitExceeded):
        parse_json(b"[" + b"1" * (most + 1) + b"]", limits)


def test_many_values_are_refused_before_they_are_parsed() -> None:
    body = b"[" + b"0," * 130 + b"0]"
    with pytest.raises(LimitExceeded, match="number of values") as caught:
        parse_json(body, Limits(cells=100, columns=20))
    assert caught.value.option == "--max-cells"
    assert parse_json(b'["' + b"," * 1000 + b'"]', Limits(cells=100, columns=20)) == ["," * 1000]
