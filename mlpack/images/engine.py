"""Building a folder into an image: by ``docker buildx`` where it is there, else by the engine's own builder."""

from __future__ import annotations

import shutil
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpack.errors import EngineFailure, MissingFramework

_SHOWN_LINES = 15


@dataclass(frozen=True)
class Build:
    """What is built; an image that is ``hermetic`` has all that it needs in the folder, and no network is there."""

    folder: Path
    name: str
    platform: str
    hermetic: bool

    @property
    def network(self) -> str:
        """The network of the build: none, or the machine's own, by which an index is reached as it is from here."""
        return "none" if self.hermetic else "host"


class Engine:
    """A Docker engine; raises EngineFailure where none can be reached, MissingFramework without Docker's library."""

    def __init__(self) -> None:
        try:
            import docker
        except ImportError as error:
            raise MissingFramework("docker", needed_for="building an image", extra="docker") from error
        self._errors = docker.errors.DockerException
        with self._told("no Docker engine can be reached"):
            self._client = docker.from_env()
            self._client.ping()

    def build(self, what: Build) -> Iterator[str]:
        """Build, and yield each line that the builder says; raises EngineFailure, with the last of them."""
        last: deque[str] = deque(maxlen=_SHOWN_LINES)
        for line in _by_buildx(what) if _has_buildx() else self._by_engine(what):
            last.append(line)
            if isinstance(line, _Failure):
                message = "\n".join([f"{what.name} could not be built; the builder said last:", *last])
                raise EngineFailure(message, tip="mlpack models generate-dockerfile writes the folder that was built")
            yield line

    def push(self, name: str) -> Iterator[str]:
        """Push an image to the registry that its name says, and yield what changes."""
        state: dict[str, str] = {}
        for said in self._client.images.push(name, stream=True, decode=True):
            if "error" in said:
                raise EngineFailure(f"{name} cannot be pushed: {said['error']}", tip="log in first: docker login")
            part, status = str(said.get("id", name)), str(said.get("status", ""))
            if status and state.get(part) != status:
                state[part] = status
                yield f"{part}: {status}"

    def _by_engine(self, what: Build) -> Iterator[str]:
        options = {"platform": what.platform, "network_mode": what.network, "rm": True, "forcerm": True}
        with self._told(f"{what.name} could not be built"):
            for said in self._client.api.build(path=str(what.folder), tag=what.name, decode=True, **options):
                yield from (line.rstrip() for line in str(said.get("stream", "")).splitlines() if line.strip())
                if "error" in said:
                    yield _Failure(said["error"].strip())

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            tip = "start Docker, or set DOCKER_HOST; mlpack models generate-dockerfile writes what others can build"
            raise EngineFailure(f"{what}: {error}", tip=tip) from error


class _Failure(str):
    """The line that says why a build failed."""


def _has_buildx() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    return subprocess.run([docker, "buildx", "version"], check=False, capture_output=True).returncode == 0


def _by_buildx(what: Build) -> Iterator[str]:
    command = ["docker", "buildx", "build", "--progress", "plain", "--load", "--tag", what.name]
    command += ["--platform", what.platform, "--network", what.network, "--provenance", "false"]
    command += [] if what.hermetic else ["--allow", "network.host"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    with subprocess.Popen([*command, str(what.folder)], **pipes) as process:
        yield from (line.rstrip() for line in process.stdout or () if line.strip())
    if process.returncode:
        yield _Failure(f"docker buildx ended with exit code {process.returncode}")
