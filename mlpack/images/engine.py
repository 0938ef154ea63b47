"""Building a folder into an image: by ``docker buildx`` where it is there, else by the engine's own builder."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpack.errors import EngineFailure, MissingFramework


@dataclass(frozen=True)
class Build:
    """What is built: ``network`` is None for the engine's own, "none" where all that is needed is in the folder."""

    folder: Path
    name: str
    platform: str
    network: str | None = None


def build(what: Build) -> Iterator[str]:
    """Build, and yield each line that the builder says.

    Raises:
        EngineFailure: no engine can be reached, or the build failed; the message has what it said last.
    """
    return _with_buildx(what) if _has_buildx() else _with_engine(what)


def push(name: str) -> Iterator[str]:
    """Push an image to the registry that its name says, and yield each line of progress."""
    for said in _client().images.push(name, stream=True, decode=True):
        if "error" in said:
            raise EngineFailure(f"{name} cannot be pushed: {said['error']}", tip="log in first: docker login")
        yield str(said.get("status", ""))


def _has_buildx() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    return subprocess.run([docker, "buildx", "version"], check=False, capture_output=True).returncode == 0


def _with_buildx(what: Build) -> Iterator[str]:
    command = ["docker", "buildx", "build", "--progress", "plain", "--load", "--tag", what.name]
    command += ["--platform", what.platform, *(["--network", what.network] if what.network else []), str(what.folder)]
    last: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            last = [*last[-14:], line.rstrip()]
            yield line.rstrip()
    if process.returncode:
        raise EngineFailure("\n".join([f"{what.name} could not be built:", *last]))


def _with_engine(what: Build) -> Iterator[str]:
    options: dict[str, Any] = {"network_mode": what.network} if what.network else {}
    last: list[str] = []
    for said in _client().api.build(
        path=str(what.folder), tag=what.name, platform=what.platform, rm=True, forcerm=True, decode=True, **options
    ):
        if "error" in said:
            raise EngineFailure("\n".join([f"{what.name} could not be built:", *last, said["error"].strip()]))
        for line in str(said.get("stream", "")).splitlines():
            if line.strip():
                last = [*last[-14:], line.rstrip()]
                yield line.rstrip()


def _client() -> Any:
    try:
        import docker
    except ImportError as error:
        raise MissingFramework("docker", needed_for="building an image", extra="docker") from error
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException as error:
        tip = "start Docker, or set DOCKER_HOST; generate-dockerfile writes what another machine can build"
        raise EngineFailure(f"no Docker engine can be reached: {error}", tip=tip) from error
    return client
