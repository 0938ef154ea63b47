"""A real Docker engine, and containers that are always removed. ``CI`` set and no engine is a failure, not a skip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sklearn.datasets import load_iris

import mlpack.xgboost
from tests.images import base as test_base

docker = pytest.importorskip("docker")

#: As strict as a cluster may be: nothing can be written, no right beyond those of a plain user, 512 MiB.
STRICT = {
    "read_only": True,
    "mem_limit": "512m",
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
}
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
MLPACK = (sys.executable, "-m", "mlpack")
Build = Callable[..., str]


@dataclass(frozen=True)
class Served:
    """A container that runs, and where it answers."""

    container: Any
    url: str

    def curl(self, path: str, *words: str) -> tuple[int, str]:
        """Status and body of what curl is answered."""
        command = ["curl", "-sS", "--max-time", "30", "-w", "\n%{http_code}", *words, self.url + path]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        body, _, status = said.rpartition("\n")
        return int(status), body

    def predict(self, body: bytes | str, path: str = "/invocations") -> tuple[int, Any]:
        """Status and content of the answer to a request to predict."""
        text = body if isinstance(body, str) else body.decode()
        status, content = self.curl(path, "-H", "Content-Type: application/json", "-d", text)
        return status, json.loads(content)

    def stop(self) -> int:
        """``docker stop``; returns the exit code."""
        self.container.stop(timeout=30)
        return int(self.container.wait()["StatusCode"])


Serve = Callable[..., Served]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests in this folder need the engine."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("engine")


@pytest.fixture(scope="session")
def engine() -> Iterator[Any]:
    """A client of the engine."""
    try:
        client = docker.from_env()
    except docker.errors.DockerException as error:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no Docker engine: {error}")
    yield client
    client.close()


@pytest.fixture(scope="session")
def base(engine: Any) -> str:
    """The image to build on."""
    return test_base.base(engine)


@pytest.fixture(scope="session")
def wheels() -> Path:
    """A wheelhouse that is kept."""
    return test_base.cache() / "wheels"


@pytest.fixture(scope="session")
def build(base: str, wheels: Path) -> Build:
    """Build an image as a user does; returns what the builder said."""

    def run(package: Path | str | None, name: str, *words: str) -> str:
        model = [] if package is None else ["-m", str(package)]
        given = [] if "--ca-bundle" in words else ["--wheelhouse", str(wheels)]
        command = [*MLPACK, "models", "build-docker", *model, "-n", name, "--base-image", base, *given, *words]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout == f"{name}\n"
        return ran.stderr

    return run


@pytest.fixture(scope="session")
def iris_image(build: Build, iris: Callable[..., Path]) -> str:
    """An image of the iris model."""
    build(iris(), "mlpack-test-iris:1")
    return "mlpack-test-iris:1"


@pytest.fixture(scope="session")
def xgboost_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of a model of XGBoost."""
    from xgboost import XGBClassifier

    data, target = load_iris(return_X_y=True, as_frame=True)
    path = tmp_path_factory.mktemp("xgboost") / "model"
    mlpack.xgboost.save_model(XGBClassifier(n_estimators=5).fit(data, target), path, input_example=data.head(2))
    return path


@pytest.fixture
def serve(engine: Any) -> Iterator[Serve]:
    """Run a container and wait until it is healthy; all are removed with the test."""
    started: list[Any] = []

    def run(image: str, *words: str, port: int = 8080, **options: Any) -> Served:
        settings = {"detach": True, "ports": {f"{port}/tcp": ("127.0.0.1", None)}, **STRICT, **options}
        container = engine.containers.run(image, list(words) or None, **settings)
        started.append(container)
        return _answering(container, port)

    try:
        yield run
    finally:
        for container in started:
            container.remove(force=True)


def _answering(container: Any, port: int) -> Served:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        container.reload()
        ports = container.attrs["NetworkSettings"]["Ports"]
        bound = (
            [{"HostPort": port}] if not ports else ports.get(f"{port}/tcp")
        )  # none where it is in the host's network
        assert container.status in ("created", "running"), container.logs().decode()
        if bound:
            served = Served(container, f"http://127.0.0.1:{bound[0]['HostPort']}")
            with suppress(subprocess.CalledProcessError):  # it does not listen yet
                if served.curl("/health")[0] == 200:
                    return served
        time.sleep(0.1)
    raise AssertionError(container.logs().decode())
