"""``python -m benchmarks.images``: what an image of the iris model weighs, and how long it takes to build and to start.

Needs a Docker engine, and a base image with the Python that runs this (``--base-image``).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import mlpack.sklearn
from benchmarks.faults.rows import Figure

MLPACK = (sys.executable, "-m", "mlpack")
_NAME, _PORTS = "mlpack-benchmark-iris", iter(range(18480, 18580))
_SIZES = """
import collections, json, pathlib
sizes = collections.Counter()
for root in pathlib.Path("/opt/mlpack/lib").glob("python*/site-packages"):
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(root).parts[0].split(".")[0].split("-")[0]
            sizes["bytecode" if path.suffix == ".pyc" else name] += path.stat().st_size
print(json.dumps(sizes.most_common()))
"""
_SHOWN = 8


def figures(base: str, wheels: Path, folder: Path, repeat: int) -> Iterator[Figure]:
    """Build and start, and say how large and how long; the order is that of the table."""
    packages = [_package(folder / str(number), C=number) for number in (1, 2)]
    _build(packages[0], f"{_NAME}:1", base, wheels)
    yield Figure("added to the base", (_size(f"{_NAME}:1") - _size(base)) / 1e6, 330, "MB")
    started = time.monotonic()
    _build(packages[1], f"{_NAME}:2", base, wheels)
    yield Figure("build of a new version of the model", time.monotonic() - started, 10, "s")
    layers = [_layers(f"{_NAME}:{number}") for number in (1, 2)]
    yield Figure("layers that changed with it", len(set(layers[1]) - set(layers[0])), 1)
    body = (packages[0] / "serving_input_example.json").read_bytes()
    plain, contained = [], []
    for _ in range(repeat):
        plain.append(_first_answer(body, lambda port: _served(packages[0], port)))
        contained.append(_first_answer(body, lambda port: _run(f"{_NAME}:1", port)))
    print(f"start to first prediction: plain {median(plain):.2f} s, container {median(contained):.2f} s")
    yield Figure("docker run to first prediction, over plain models serve", median(contained) / median(plain), 1.3)


def sizes() -> Iterator[str]:
    """The rows of the table of what each megabyte is."""
    command = ["docker", "run", "--rm", "--entrypoint", "python", f"{_NAME}:1", "-c", _SIZES]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    yield from (f"| {name} | {size / 1e6:.1f} |" for name, size in found[:_SHOWN])
    yield f"| {len(found) - _SHOWN} others | {sum(size for _, size in found[_SHOWN:]) / 1e6:.1f} |"


def _package(path: Path, **options: float) -> Path:
    data, target = load_iris(return_X_y=True, as_frame=True)
    mlpack.sklearn.save_model(LogisticRegression(max_iter=500, **options).fit(data, target), path, input_example=data)
    return path


def _build(package: Path, name: str, base: str, wheels: Path) -> None:
    command = [*MLPACK, "models", "build-docker", "-m", str(package), "-n", name, "--base-image", base]
    subprocess.run([*command, "--wheelhouse", str(wheels)], check=True, capture_output=True)


def _inspected(name: str, what: str) -> str:
    command = ["docker", "image", "inspect", name, "--format", f"{{{{json {what}}}}}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _size(name: str) -> int:
    return int(_inspected(name, ".Size"))


def _layers(name: str) -> list[str]:
    return list(json.loads(_inspected(name, ".RootFS.Layers")))


def _served(package: Path, port: int) -> list[str]:
    return [*MLPACK, "models", "serve", "-m", str(package), "-p", str(port)]


def _run(name: str, port: int) -> list[str]:
    return ["docker", "run", "--rm", "--read-only", "--tmpfs", "/tmp", "-p", f"127.0.0.1:{port}:8080", name]  # noqa: S108


def _first_answer(body: bytes, command: Callable[[int], list[str]]) -> float:
    """Seconds from the command to the first prediction."""
    port = next(_PORTS)
    started = time.monotonic()
    with subprocess.Popen(command(port), stderr=subprocess.DEVNULL) as process:
        try:
            while not _predicts(port, body):
                time.sleep(0.01)
            return time.monotonic() - started
        finally:
            process.terminate()


def _predicts(port: int, body: bytes) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/invocations", body, {"content-type": "application/json"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def main() -> int:
    """Measure and print; the exit status is 1 if a bar is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images", description=__doc__)
    parser.add_argument("--base-image", required=True, help="the image to build on")
    parser.add_argument("--wheelhouse", type=Path, required=True, help="where wheels are gathered")
    parser.add_argument("--repeat", type=int, default=5, help="starts of each side; medians count (default: 5)")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        found = list(figures(options.base_image, options.wheelhouse, Path(folder), options.repeat))
    print("| what | figure | bar | reached |\n|---|---|---|---|")
    for figure in found:
        print(figure.line("images").removeprefix("| images "))
    print("\n| in the layers that are added | MB |\n|---|---|", *sizes(), sep="\n")
    return 0 if all(figure.reached for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
