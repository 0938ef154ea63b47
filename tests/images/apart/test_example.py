"""The example: two models behind nginx by its own compose file, and what it tells Kubernetes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from sklearn.datasets import load_wine

WINE = load_wine(as_frame=True).data.head(3)
IRIS = {"sepal length (cm)": 5.1, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0.2}
PORT = "18470"


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "examples" / "docker"


@pytest.fixture(scope="module")
def nginx(engine: Any, base: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """nginx in an image, which no registry has to be reachable for."""
    context = tmp_path_factory.mktemp("nginx")
    install = "apt-get update -qq && apt-get install -qq -y --no-install-recommends nginx-light"
    (context / "Dockerfile").write_text(f"FROM {base}\nRUN {install}\n")
    engine.images.build(path=str(context), tag="mlpack-test-nginx:1", network_mode="host", rm=True)
    return "mlpack-test-nginx:1"


@pytest.fixture(scope="module")
def composed(folder: Path, nginx: str, base: str, wheels: Path) -> Iterator[None]:
    """The example, built and running."""
    program = shutil.which("docker-compose")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("docker-compose is not installed")
    command = [sys.executable, str(folder / "build.py"), "--base-image", base, "--wheelhouse", str(wheels)]
    subprocess.run(command, check=True, capture_output=True)
    compose = [program, "-p", "mlpack-test", "-f", str(folder / "compose.yaml")]
    environ = {**os.environ, "NGINX_IMAGE": nginx, "PORT": PORT}
    subprocess.run([*compose, "up", "-d"], check=True, env=environ, capture_output=True)
    try:
        yield
    finally:
        subprocess.run([*compose, "down", "-v"], check=True, env=environ, capture_output=True)


def test_two_models_answer_behind_nginx(composed: None) -> None:
    for model in ("iris", "wine"):
        assert _status(f"{model}/ready") == 200
    assert _predictions("iris", {"dataframe_records": [IRIS]}) == [0]
    wine = WINE.to_dict(orient="split", index=False)
    assert _predictions("wine", {"dataframe_split": wine}) == [0, 0, 0]
    assert _status("other") == 404


def test_kubernetes_takes_it_and_each_probe_has_its_route(folder: Path) -> None:
    documents = list(yaml.safe_load_all((folder / "kubernetes.yaml").read_text()))
    for document in documents:
        kubernetes_validate.validate(document, "1.30", strict=True)
    (container,) = documents[0]["spec"]["template"]["spec"]["containers"]
    probes = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    assert probes == {"startup": "/health", "readiness": "/ready", "liveness": "/live"}
    assert documents[1]["spec"]["selector"] == documents[0]["spec"]["template"]["metadata"]["labels"]


def _predictions(model: str, body: dict[str, Any]) -> Any:
    words = ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    said = subprocess.run(["curl", "-sS", *words, _url(f"{model}/invocations")], check=True, capture_output=True)
    return json.loads(said.stdout)["predictions"]


def _status(path: str) -> int:
    """The status of a path, once nginx reaches what is behind it."""
    deadline = time.monotonic() + 60
    while True:
        command = ["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", _url(path)]
        status = int(subprocess.run(command, check=False, capture_output=True).stdout)
        if status not in (0, 502, 503) or time.monotonic() > deadline:
            return status
        time.sleep(0.2)


def _url(path: str) -> str:
    return f"http://127.0.0.1:{PORT}/{path}"
