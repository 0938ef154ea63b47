"""YAML is read inside bounds, without ever building anything but plain data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.yamlio import dump_yaml, load_yaml

LAUGHS = "a: &a [x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_plain_data_survives_writing_and_reading(tmp_path: Path) -> None:
    value = {"b": [1, 2.5, None, True], "a": {"text": "naïve: [x]\n", "empty": []}}
    (tmp_path / "f.yaml").write_text(dump_yaml(value), "utf-8")
    assert load_yaml(tmp_path / "f.yaml") == value


def test_keys_are_written_sorted_and_in_block_style() -> None:
    assert dump_yaml({"b": [1], "a": {"c": "x"}}) == "a:\n  c: x\nb:\n- 1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\nb: 2\n", r"f\.yaml, line 2: "),
        ("a: !!python/object/apply:os.getcwd []\n", r"line 1: .*constructor"),
        ("[" * 5000, "more than 64 levels"),
        ("a: &a [*a]\n", "contains itself"),
        (LAUGHS, "line 7: more than 1000000 values"),
        ("a: " + "1:" * 300 + "1\n", "more than 400 characters"),
        ("a: 0x" + "f" * 400 + "\n", "more than 400 characters"),
        ("a: 2024-99-99\n", "not valid YAML: month"),
        ("a: \x00\n", "not valid YAML"),
    ],
)
def test_hostile_or_broken_yaml_is_refused_by_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "f.yaml").write_text(text, "utf-8")
    with pytest.raises(InvalidPackage, match=message):
        load_yaml(tmp_path / "f.yaml")


def test_a_fifo_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "f.yaml")
    with pytest.raises(InvalidPackage, match="not a regular file"):
        load_yaml(tmp_path / "f.yaml")


def test_a_file_beyond_the_size_limit_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "f.yaml").open("wb") as file:
        file.truncate(11 * 2**20)
    with pytest.raises(InvalidPackage, match="bytes"):
        load_yaml(tmp_path / "f.yaml")


def test_what_yaml_has_no_form_for_is_named_by_its_type() -> None:
    with pytest.raises(InvalidArgument, match="complex"):
        dump_yaml({"a": 1j})
