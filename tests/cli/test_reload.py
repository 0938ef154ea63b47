"""``mlpack models reload``: asks a real server, and tells what became of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlpack_serving.keys import new_key

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Serving


@pytest.mark.skipif(os.name != "posix", reason="gunicorn supervises what is replaced")
def test_a_reload_tells_what_is_served(
    package: Path, serving: Serving, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, line = new_key("operator")
    keys, key_file = tmp_path / "keys", tmp_path / "key"
    keys.write_text(line, "utf-8")
    key_file.write_text(key + "\n", "utf-8")
    with serving(package, "--control-keys-file", keys) as (_, url):
        done = run("models", "reload", "--url", url, "--key-file", key_file)
        assert (done.code, f"serves {package}" in done.err) == (0, True)
        denied = run("models", "reload", "--url", url)
        assert (denied.code, "401" in denied.err, "MLPACK_CONTROL_KEY" in denied.err) == (2, True, True)
        (package / "model.pkl").write_bytes(b"corrupt")
        monkeypatch.setenv("MLPACK_CONTROL_KEY", key)
        refused = run("models", "reload", "--url", url, "--json")
        assert (refused.code, "not what was saved" in refused.err) == (1, True)
        assert json.loads(refused.out)["serving"] == str(package)


def test_a_server_that_cannot_be_asked_is_an_error(run: Run) -> None:
    nobody = run("models", "reload", "--url", "http://127.0.0.1:9")
    assert (nobody.code, "no server of mlpack answers" in nobody.err) == (2, True)
    assert run("models", "reload", "--url", "file:///etc/passwd").code == 2
