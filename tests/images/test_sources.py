"""Where wheels come from, and which of those that are there a lock takes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mlpack.errors import InvalidArgument
from mlpack.images.lock import entries, wheel_platforms
from mlpack.images.sources import Sources
from mlpack.images.wheels import present

INDEX = "https://user:secret@index.example/simple"


def test_addresses_of_indexes_are_in_no_command_line(tmp_path: Path) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_text(f"[global]\nindex-url = {INDEX}\nextra-index-url =\n    https://b/simple\n    https://c/simple\n")
    sources = Sources(tmp_path, pip_conf=conf)
    assert sources.uv_options() == ["--find-links", str(tmp_path)]
    variables = sources.variables()
    assert variables["UV_DEFAULT_INDEX"] == INDEX
    assert variables["UV_INDEX"] == "https://b/simple https://c/simple"
    assert variables["PIP_CONFIG_FILE"] == str(conf)


def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_bytes(b"\xff")
    with pytest.raises(InvalidArgument, match="--pip-conf"):
        Sources(pip_conf=conf)


def test_offline_needs_a_wheelhouse() -> None:
    with pytest.raises(InvalidArgument, match="--wheelhouse"):
        Sources(offline=True)


def test_a_wheel_is_taken_by_its_digest_and_its_platform(tmp_path: Path) -> None:
    for name in ("a-1-cp311-cp311-manylinux_2_17_x86_64.whl", "b-1-py3-none-any.whl", "c-1-py3-none-any.whl"):
        (tmp_path / name).write_text(name[0])
    (tmp_path / "a-1-cp311-cp311-manylinux_2_17_aarch64.whl").write_text("a")
    (tmp_path / "notes.whl").write_text("no wheel")
    digest = {letter: hashlib.sha256(letter.encode()).hexdigest() for letter in "ab"}
    lines = {"a": digest["a"], "b": digest["b"], "c": digest["a"]}
    locked = "".join(f"{name}==1 \\\n    --hash=sha256:{of}\n" for name, of in lines.items())
    assert set(entries(locked)) == {"a==1", "b==1", "c==1"}
    found = {pin: wheel.path.name for pin, wheel in present(locked, tmp_path, "3.11", "linux/amd64").items()}
    assert found == {"a==1": "a-1-cp311-cp311-manylinux_2_17_x86_64.whl", "b==1": "b-1-py3-none-any.whl"}


def test_wheels_for_every_linux_since_glibc_2_5_run_in_an_image() -> None:
    arm = wheel_platforms("linux/arm64")
    assert arm[0] == "manylinux_2_28_aarch64"
    assert {"manylinux_2_17_aarch64", "manylinux2014_aarch64"} <= set(arm)
    with pytest.raises(InvalidArgument, match="platform"):
        wheel_platforms("windows/amd64")
