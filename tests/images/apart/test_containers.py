"""Containers under the contracts that people deploy to: strict ones, stopped under load, and each platform's own."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sklearn.datasets import load_iris

import mlpack
from mlpack.client import Client
from tests.images.apart.conftest import CA_BUNDLE, STRICT, Build, Serve, Served

ROWS = load_iris(as_frame=True).data.iloc[[0, 60, 140]]
BODY = json.dumps({"dataframe_split": ROWS.to_dict(orient="split", index=False)})


@pytest.mark.parametrize("kind", ["iris", "xgboost"])
def test_a_strict_container_answers_everything_and_loses_nothing_when_it_is_stopped(
    kind: str, iris_image: str, xgboost_package: Path, iris: Callable[..., Path], build: Build, serve: Serve
) -> None:
    image = iris_image if kind == "iris" else "mlpack-test-xgboost:1"
    if kind == "xgboost":
        build(xgboost_package, image)
    served = serve(image)
    for path in ("/ping", "/health"):
        assert served.curl(path) == (200, "\n")
    assert served.curl("/version") == (200, mlpack.__version__)
    package = iris() if kind == "iris" else xgboost_package
    wanted = mlpack.pyfunc.load_model(package).predict(ROWS).tolist()
    assert served.predict(BODY) == (200, {"predictions": wanted})
    _stop_under_load(served)


def _stop_under_load(served: Served) -> None:
    """40 requests have come but for their last byte when the container is told to stop; others come all the time."""
    # Its own address: Docker's proxy on the host takes connections also when the container takes none any more.
    address = (served.container.attrs["NetworkSettings"]["IPAddress"], 8080)
    head = f"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: {len(BODY)}\r\n\r\n".encode()
    waiting = [socket.create_connection(address, timeout=30) for _ in range(40)]
    for each in waiting:
        each.sendall(head + BODY[:-1].encode())
    counts, stop = {"good": 0, "lost": 0}, threading.Event()
    clients = [threading.Thread(target=_ask, args=(address, head, counts, stop)) for _ in range(4)]
    for client in clients:
        client.start()
    while counts["good"] < 50:
        time.sleep(0.01)
    codes: list[int] = []
    stopping = threading.Thread(target=lambda: codes.append(served.stop()))
    stopping.start()
    time.sleep(0.3)
    for each in waiting:
        each.sendall(BODY[-1:].encode())
    answers = [each.recv(65536) for each in waiting]
    stopping.join()
    stop.set()
    for client in clients:
        client.join()
    for each in waiting:
        each.close()
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 200"] * 40
    assert counts["lost"] == 0
    assert codes == [0]


def _ask(address: tuple[str, int], head: bytes, counts: dict[str, int], stop: threading.Event) -> None:
    """Ask by a connection for each request, until none is taken any more. One that was taken is answered."""
    while not stop.is_set():
        try:
            connection = socket.create_connection(address, timeout=5)
        except OSError:
            return
        with connection:
            try:
                connection.sendall(head + BODY.encode())
                answer = connection.recv(65536)
            except OSError:
                answer = b""
        counts["good" if answer.startswith(b"HTTP/1.1 200") else "lost"] += 1


def test_the_healthcheck_of_the_image_passes(serve: Serve, iris_image: str) -> None:
    served = serve(iris_image, healthcheck={"interval": 10**9})
    assert _health(served) == "healthy"


def _health(served: Served) -> str:
    for _ in range(300):
        served.container.reload()
        state = str(served.container.attrs["State"]["Health"]["Status"])
        if state != "starting":
            return state
        time.sleep(0.1)
    return "starting"


def test_sagemaker_runs_serve_as_root_and_may_say_the_port(serve: Serve, iris_image: str) -> None:
    served = serve(iris_image, "serve", port=9001, user="0", environment={"SAGEMAKER_BIND_TO_PORT": "9001"})
    assert served.curl("/ping")[0] == 200
    assert served.predict(BODY)[0] == 200


def test_vertex_ai_says_its_port_and_its_routes(serve: Serve, iris_image: str) -> None:
    routes = {"AIP_PREDICT_ROUTE": "/v1/endpoints/7:predict", "AIP_HEALTH_ROUTE": "/v1/endpoints/7"}
    served = serve(iris_image, port=9002, environment={"AIP_HTTP_PORT": "9002", **routes})
    assert served.curl("/v1/endpoints/7")[0] == 200
    body = json.dumps({"instances": ROWS.to_dict(orient="records"), "parameters": {}})
    assert served.predict(body, "/v1/endpoints/7:predict") == served.predict(BODY)


def test_cloud_run_says_the_port(serve: Serve, iris_image: str) -> None:
    assert serve(iris_image, port=9003, environment={"PORT": "9003"}).predict(BODY)[0] == 200


def test_several_workers_run_on_a_read_only_file_system(serve: Serve, iris_image: str) -> None:
    served = serve(iris_image, "serve", "--workers", "2")
    assert served.predict(BODY)[0] == 200
    assert served.stop() == 0


def test_a_generic_image_takes_the_model_that_kserve_mounts(
    serve: Serve, build: Build, iris: Callable[..., Path]
) -> None:
    build(None, "mlpack-test-generic:1")
    package = iris()
    for folder in (package, *package.parents[:2]):
        folder.chmod(0o755)
    volumes = {str(package): {"bind": "/mnt/models", "mode": "ro"}, str(CA_BUNDLE): {"bind": "/ca.pem", "mode": "ro"}}
    network: dict[str, Any] = {"network_mode": "host", "ports": None}
    options = {
        **STRICT,
        "tmpfs": {"/tmp": "exec"},
        "mem_limit": "2g",
        "environment": {"SSL_CERT_FILE": "/ca.pem", "PORT": "18471"},
    }
    served = serve("mlpack-test-generic:1", port=18471, volumes=volumes, **network, **options)
    assert served.predict(BODY)[0] == 200


def test_without_a_model_it_says_where_it_looked(engine: Any, build: Build) -> None:
    build(None, "mlpack-test-generic:1")
    container = engine.containers.run("mlpack-test-generic:1", detach=True)
    try:
        assert container.wait()["StatusCode"] == 1
        said = container.logs().decode()
    finally:
        container.remove(force=True)
    assert "ERROR no package is in /opt/ml/model or /mnt/models" in said
    assert "TIP mount one there, or name one by MLPACK_MODEL_URI" in said


def test_a_registered_model_keeps_its_name_and_version(
    engine: Any, build: Build, serve: Serve, iris: Callable[..., Path], tmp_path: Path
) -> None:
    client = Client(str(tmp_path / "store"))
    client.create_registered_model("Iris of Anderson")
    version = client.create_model_version("Iris of Anderson", str(iris()))
    client.set_registered_model_alias("Iris of Anderson", "champion", version.version)
    words = ("--offline", "--tracking-uri", str(tmp_path / "store"))
    build("models:/Iris of Anderson@champion", "mlpack-test-iris:8", *words)
    labels = engine.images.get("mlpack-test-iris:8").labels
    assert (labels["io.mlpack.model.name"], labels["io.mlpack.model.version"]) == ("Iris of Anderson", "1")
    answer = httpx2.post(f"{serve('mlpack-test-iris:8').url}/invocations", content=BODY, timeout=30)
    assert (answer.headers["x-mlpack-model"], answer.headers["x-mlpack-version"]) == ("Iris of Anderson", "1")
    assert answer.headers["x-mlpack-digest"] == labels["io.mlpack.model.digest"]
