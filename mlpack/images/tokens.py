"""What may go into a Dockerfile, or to the program that builds it: one strict expression for each kind of token.

Nothing is escaped: what does not match is refused, so that no value can become an instruction, an option or a command
(CVE-2026-33744 and CVE-2026-44345 of BentoML; CVE-2023-6940 of MLflow).
"""

from __future__ import annotations

import re

from mlpack.errors import InvalidArgument

_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(?::[0-9]{1,5})?"
_LONGEST = 256
#: Kind -> what it matches, and an example. References are as Docker's distribution specification has them.
KINDS: dict[str, tuple[re.Pattern[str], str]] = {
    "image name": (
        re.compile(rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][\w.-]{{0,127}})?", re.ASCII),
        "iris:1",
    ),
    "base image": (
        re.compile(
            rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][\w.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?", re.ASCII
        ),
        "python:3.11-slim",
    ),
    "platform": (re.compile(r"linux/(?:amd64|arm64)"), "linux/amd64"),
    "python version": (re.compile(r"3\.[0-9]{1,2}"), "3.11"),
    "label": (re.compile(r"[\w .,:/@+=()#-]{1,256}"), "iris version 3"),
}


def checked(kind: str, value: str) -> str:
    """``value``, which is a token of that kind (a key of :data:`KINDS`); raises InvalidArgument where it is none."""
    pattern, example = KINDS[kind]
    if len(value) > _LONGEST or not pattern.fullmatch(value):
        raise InvalidArgument(f"{value!r:.80} is not a valid {kind}", tip=f"a {kind} looks like {example}")
    return value
