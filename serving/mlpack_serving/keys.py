"""API keys: what the server knows of them are names and hashes, so that neither a file nor a log can give one away."""

from __future__ import annotations

import hmac
import logging
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from mlpack.errors import InvalidArgument
from mlpack_serving.watched import Watched, read_text, warn_if_open

logger = logging.getLogger("mlpack_serving")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")
_LINE = re.compile(rf"({_NAME.pattern}):([0-9a-fA-F]{{64}})")


@dataclass(frozen=True, slots=True)
class Key:
    """Who has a key, and its SHA-256. One hash is enough, without salt, because nobody can guess 256 random bits."""

    name: str
    digest: bytes


def new_key(name: str) -> tuple[str, str]:
    """A new random key for ``name``, and the line that stands for it in a file of keys.

    Raises InvalidArgument for a name that a line cannot hold.
    """
    if not _NAME.fullmatch(name):
        raise InvalidArgument(
            f"{name!r} is no name for a key", tip="take up to 128 letters, digits, dots, dashes, underscores and @"
        )
    key = f"mlpack_{secrets.token_urlsafe(32)}"
    return key, f"{name}:{digest_of(key.encode()).hex()}"


def digest_of(key: bytes) -> bytes:
    """What is kept of a key."""
    return sha256(key).digest()


def owner_of(digest: bytes, keys: tuple[Key, ...]) -> str | None:
    """The name that a key stands for. All are compared, in constant time: nobody learns how close a guess is."""
    owner = None
    for each in keys:
        if hmac.compare_digest(each.digest, digest):
            owner = each.name
    return owner


def keys_of(file: str, option: str) -> Callable[[], tuple[Key, ...]] | None:
    """The keys of the file that an option names and of the variable that is named like it, without ``_FILE``.

    What is returned gives them as they are now; it is None where there is neither file nor variable.

    Raises:
        InvalidArgument: the file cannot be read, or a line is not ``NAME:HASH``.
    """
    variable = "MLPACK_" + option.removeprefix("--").removesuffix("-file").replace("-", "_").upper()
    text = os.environ.get(variable)
    fixed = () if text is None else parse(text, variable)
    if text is not None and not fixed:  # in which case, too, somebody wanted keys to be asked for
        raise InvalidArgument(f"{variable} is set and holds no key", tip="unset it where no key is to be asked for")
    if not file:
        return (lambda: fixed) if fixed else None

    def read() -> tuple[Key, ...]:
        found = parse(read_text(file, option), f"{option}: {file}")
        warn_if_open(file, option)
        if not fixed + found:
            logger.warning("%s: there is no key in %s: nobody is let in", option, file)
        return fixed + found

    return Watched([file], read).get


def parse(text: str, where: str) -> tuple[Key, ...]:
    """The keys of lines (or words) ``NAME:HASH``; ``#`` begins a comment. A name may have several keys.

    Raises InvalidArgument, which quotes nothing, since what stands there could be a key.
    """
    keys = []
    for number, line in enumerate(text.splitlines(), 1):
        for word in line.partition("#")[0].replace(",", " ").split():
            found = _LINE.fullmatch(word)
            if not found:
                tip = "mlpack keys new NAME makes a key and its line"
                raise InvalidArgument(f"{where}, line {number}: this is not NAME:HASH", tip=tip)
            keys.append(Key(found[1], bytes.fromhex(found[2])))
    return tuple(keys)
