"""Images go to a real registry, on this machine, and of a new version of a model only its own bytes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.images.apart.conftest import Build

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = """
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """The address of a registry, which the engine takes without TLS since it is on this machine."""
    program = shutil.which("docker-registry")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("docker-registry is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "registry.yml"
    config.write_text(CONFIG.format(folder=tmp_path / "registry", port=port))
    with subprocess.Popen([program, "serve", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        try:
            _until_it_listens(port)
            yield f"127.0.0.1:{port}"
        finally:
            run.terminate()


def test_a_new_version_pushes_its_own_bytes_only(registry: str, build: Build, iris: Callable[..., Path]) -> None:
    said = [build(iris(C=c), f"{registry}/team/iris:{number}", "--push") for number, c in ((1, 1.0), (2, 0.5))]
    assert "Layer already exists" not in said[0]
    assert said[1].count("Layer already exists") == 3  # the base, the dependencies, mlpack
    assert said[1].count(": Pushed") == 1
    old, new = (_layers(registry, number) for number in (1, 2))
    assert (old[:-1], old[-1] == new[-1]) == (new[:-1], False)


def _layers(registry: str, tag: int) -> list[str]:
    request = Request(f"http://{registry}/v2/team/iris/manifests/{tag}", headers={"accept": MANIFEST})
    with urlopen(request, timeout=10) as answer:
        return [layer["digest"] for layer in json.load(answer)["layers"]]


def _until_it_listens(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the registry does not listen")
