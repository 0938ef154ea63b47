"""Stands for ``docker buildx`` where that cannot be had: asks the engine's BuildKit by the older command."""

from __future__ import annotations

import os
import sys

_DOCKER = "/usr/bin/docker"  # of Debian's docker.io, which speaks to BuildKit without the plugin
_UNKNOWN = {"--load": 1, "--provenance": 2, "--allow": 2}  # to the older command, with their values


def main(words: list[str]) -> None:
    """Answer ``buildx version``; build by ``buildx build``; leave all else to docker."""
    if words[:2] == ["buildx", "version"]:
        return
    if words[:2] == ["buildx", "build"]:
        words = ["build", *words[2:]]
        for option, count in _UNKNOWN.items():
            if option in words:
                at = words.index(option)
                del words[at : at + count]
    os.execve(_DOCKER, [_DOCKER, *words], {**os.environ, "DOCKER_BUILDKIT": "1"})  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
