"""Images that a real engine builds: their size, their layers, and that they are the same each time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.images.apart.conftest import CA_BUNDLE, MLPACK, Build

MEGABYTE = 10**6


def test_what_is_added_to_the_base_is_small_and_each_part_a_layer(engine: Any, iris_image: str, base: str) -> None:
    image = engine.images.get(iris_image)
    assert image.attrs["Size"] - engine.images.get(base).attrs["Size"] < 330 * MEGABYTE
    sizes = [entry["Size"] for entry in image.history() if entry["Size"]][:-1]  # the last is the base
    model, own, dependencies = sizes
    assert model < MEGABYTE
    assert own < 5 * MEGABYTE
    assert dependencies < 300 * MEGABYTE


def test_another_version_of_a_model_changes_its_own_layer_only(
    engine: Any, iris_image: str, build: Build, iris: Callable[..., Path]
) -> None:
    said = build(iris(C=0.5), "mlpack-test-iris:2", "--offline")
    assert said.count("Using cache") >= 5
    old, new = _layers(engine, iris_image), _layers(engine, "mlpack-test-iris:2")
    assert old[:-1] == new[:-1]
    assert old[-1] != new[-1]


def test_a_plain_docker_build_of_the_folder_without_any_cache_gives_the_same_layers(
    engine: Any, build: Build, iris: Callable[..., Path], base: str, wheels: Path, tmp_path: Path
) -> None:
    package = iris()
    build(package, "mlpack-test-iris:3")
    words = ["--base-image", base, "--wheelhouse", str(wheels), "--offline"]
    subprocess.run(
        [*MLPACK, "models", "generate-dockerfile", "-m", package, "-d", tmp_path / "image", *words],
        check=True,
    )
    engine.images.build(
        path=str(tmp_path / "image"), tag="mlpack-test-iris:4", nocache=True, network_mode="none", rm=True
    )
    assert _layers(engine, "mlpack-test-iris:3") == _layers(engine, "mlpack-test-iris:4")


def test_an_image_is_built_from_an_index_too(engine: Any, build: Build, iris: Callable[..., Path]) -> None:
    package = iris()
    said = build(package, "mlpack-test-iris:5", "--ca-bundle", str(CA_BUNDLE))
    assert "gathering wheels" not in said
    build(package, "mlpack-test-iris:6", "--offline")
    assert _layers(engine, "mlpack-test-iris:5") == _layers(engine, "mlpack-test-iris:6")


@pytest.mark.skipif(not Path("/usr/bin/docker").exists(), reason="Debian's docker speaks to BuildKit")
def test_buildkit_builds_the_same_folder(
    engine: Any,
    iris_image: str,
    build: Build,
    iris: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = tmp_path / "docker"
    program.write_text(f"#!{sys.executable}\n{Path(__file__).with_name('buildkit.py').read_text()}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    said = build(iris(), "mlpack-test-iris:7", "--offline")
    assert "exporting to image" in said  # as BuildKit says it
    old, new = (engine.images.get(name) for name in (iris_image, "mlpack-test-iris:7"))
    assert len(_layers(engine, "mlpack-test-iris:7")) == len(_layers(engine, iris_image))
    assert abs(old.attrs["Size"] - new.attrs["Size"]) < MEGABYTE
    assert old.attrs["Config"]["Entrypoint"] == new.attrs["Config"]["Entrypoint"]


def test_nothing_is_in_it_that_serving_never_needs(engine: Any, iris_image: str) -> None:
    script = (
        "import pathlib, shutil; root = pathlib.Path('/opt/mlpack'); "
        "print([str(p) for p in root.rglob('tests') if p.is_dir()], shutil.which('gcc'), shutil.which('pip'), "
        "[p for p in ('/build', '/tools', '/root/.cache') if pathlib.Path(p).exists()])"
    )
    said = engine.containers.run(iris_image, ["-c", script], entrypoint="python", user="0", remove=True)
    assert said.decode().strip() == "[] None None []"


def test_it_says_what_it_is(engine: Any, iris_image: str) -> None:
    config = engine.images.get(iris_image).attrs["Config"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["python", "-m", "mlpack.cli.container"]
    assert config["Cmd"] == ["serve"]
    assert config["Healthcheck"]["Test"][0] == "CMD"
    labels = config["Labels"]
    assert labels["org.opencontainers.image.title"] == "mlpack-test-iris"
    assert labels["org.opencontainers.image.version"] == "1"
    assert labels["io.mlpack.model.digest"].startswith("sha256:")
    assert labels["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"] == "true"


def test_a_base_with_another_python_is_told(
    engine: Any, iris: Callable[..., Path], base: str, wheels: Path, tmp_path: Path
) -> None:
    package = iris()
    text = (package / "python_env.yaml").read_text()
    version = next(line for line in text.splitlines() if line.startswith("python:"))
    (package / "python_env.yaml").write_text(text.replace(version, "python: 3.12.1"))
    command: list[str | Path] = [
        *MLPACK,
        "models",
        "build-docker",
        "-m",
        package,
        "-n",
        "mlpack-test-iris:no",
        "--base-image",
        base,
    ]
    ran = subprocess.run([*command, "--wheelhouse", wheels], check=False, capture_output=True, text=True)
    assert ran.returncode == 1
    assert "the model wants Python 3.12, and the base image has 3.11" in ran.stderr.split("ERROR")[1]


def _layers(engine: Any, name: str) -> list[str]:
    layers: list[str] = engine.images.get(name).attrs["RootFS"]["Layers"]
    return layers
