"""API keys: making them, files of them, and files that change."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlpack.cli import cli
from mlpack.errors import InvalidArgument
from mlpack_serving import watched
from mlpack_serving.access import Access
from mlpack_serving.errors import Forbidden, Unauthenticated
from mlpack_serving.keys import Key, digest_of, new_key, owner_of, parse
from mlpack_serving.settings import Settings


@pytest.fixture(autouse=True)
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of a file is seen by the next request, and not only by that of the next second."""
    monkeypatch.setattr(watched, "LOOK_SECONDS", -1.0)
    monkeypatch.setattr("mlpack_serving.access.LOOK_SECONDS", -1.0)


def test_a_new_key_is_known_by_its_line_and_cannot_be_read_from_it() -> None:
    key, line = new_key("alice")
    assert owner_of(digest_of(key.encode()), parse(line, "here")) == "alice"
    assert key not in line
    assert len(key) > 40
    assert new_key("alice")[0] != key


def test_the_command_prints_the_key_and_its_line() -> None:
    ran = CliRunner().invoke(cli, ["keys", "new", "alice"])
    key, line = ran.stdout.splitlines()
    assert owner_of(digest_of(key.encode()), parse(line, "here")) == "alice"


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a,b", "#a", "a\n", "é" * 2, "a" * 129])
def test_a_name_that_a_line_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(InvalidArgument, match="is no name for a key"):
        new_key(name)


def test_lines_may_have_comments_and_a_name_several_keys() -> None:
    one, other = "0" * 64, "F" * 64
    text = f"# of the team\n\nalice:{one}  # old\nalice:{other}, bob:{one}\n"
    assert parse(text, "here") == (
        Key("alice", bytes(32)),
        Key("alice", b"\xff" * 32),
        Key("bob", bytes(32)),
    )


@pytest.mark.parametrize("line", ["alice", "mlpack_secret", "alice:secret", f"alice:{'0' * 63}", f":{'0' * 64}"])
def test_a_line_that_is_none_is_refused_without_saying_what_stands_there(line: str) -> None:
    with pytest.raises(InvalidArgument, match=r"^here, line 2: this is not NAME:HASH$") as caught:
        parse(f"\n{line}", "here")
    assert "secret" not in str(caught.value) + caught.value.tip


def test_keys_that_are_added_and_taken_away_count_at_once(tmp_path: Path) -> None:
    (alice, first), (bob, second) = new_key("alice"), new_key("bob")
    file = tmp_path / "keys"
    file.write_text(first)
    access = Access(Settings(api_keys_file=str(file)))
    access.admit(alice.encode())
    file.write_text(f"{second}\n")
    access.admit(bob.encode())
    with pytest.raises(Unauthenticated):
        access.admit(alice.encode())


def test_what_cannot_be_read_any_more_leaves_the_keys_as_they_were(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key, line = new_key("alice")
    file = tmp_path / "keys"
    file.write_text(line)
    access = Access(Settings(api_keys_file=str(file)))
    for break_it in (lambda: file.write_text("alice:half of a"), file.unlink):
        break_it()
        access.admit(key.encode())
        assert "is not used" in caplog.records[-1].message
    file.write_text("# nobody\n")
    assert "nobody is let in" not in caplog.text
    with pytest.raises(Unauthenticated):
        access.admit(key.encode())
    assert "nobody is let in" in caplog.text


def test_keys_of_a_variable_count_beside_those_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (alice, first), (bob, second) = new_key("alice"), new_key("bob")
    (tmp_path / "keys").write_text(first)
    monkeypatch.setenv("MLPACK_API_KEYS", second)
    access = Access(Settings(api_keys_file=str(tmp_path / "keys")))
    access.admit(alice.encode())
    access.admit(bob.encode())


def test_an_empty_variable_does_not_open_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLPACK_API_KEYS", "")
    with pytest.raises(InvalidArgument, match="MLPACK_API_KEYS is set and holds no key"):
        Access(Settings())


def test_a_key_is_for_predictions_or_for_control(tmp_path: Path) -> None:
    (alice, first), (root, second), (both, third) = new_key("alice"), new_key("root"), new_key("both")
    (tmp_path / "api").write_text(f"{first}\n{third}\n")
    (tmp_path / "control").write_text(f"{second}\n{third}\n")
    access = Access(Settings(api_keys_file=str(tmp_path / "api"), control_keys_file=str(tmp_path / "control")))
    access.admit(alice.encode())
    access.admit(root.encode(), control=True)
    for control in (False, True):
        access.admit(both.encode(), control=control)
    with pytest.raises(Forbidden, match="not one for the control routes"):
        access.admit(alice.encode(), control=True)
    with pytest.raises(Forbidden, match="is one for the control routes"):
        access.admit(root.encode())


@pytest.mark.skipif(os.name != "posix", reason="there are no such modes")
def test_a_file_that_everybody_can_read_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "keys"
    file.write_text(new_key("alice")[1])
    file.chmod(0o600)
    with caplog.at_level(logging.WARNING):
        Access(Settings(api_keys_file=str(file)))
        assert not caplog.records
        file.chmod(0o644)
        Access(Settings(api_keys_file=str(file)))
    assert "everybody on this machine can read" in caplog.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"api_keys_file": "none"}, "--api-keys-file: none cannot be read: No such file"),
        ({"rate_limit": 5}, "--rate-limit needs callers"),
        ({"jwt_issuer": "x"}, "need --jwks-file"),
        ({"tls_key": "x"}, "need --tls-cert"),
        ({"tls_client_ca": "x"}, "need --tls-cert"),
    ],
)
def test_options_that_cannot_be_used_are_an_error_at_the_start(options: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        Access(Settings(**options))  # type: ignore[arg-type]
