"""Where the distributions of an image come from: an index, or a folder of wheels."""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass
from pathlib import Path

from mlpack.errors import InvalidArgument


@dataclass(frozen=True)
class Sources:
    """The index that pip's configuration file names, else the usual one; with ``wheelhouse`` wheels are gathered there.

    ``offline`` fetches nothing; ``ca_bundle`` are the certificates that an index is checked with. Raises
    InvalidArgument where these contradict each other, or ``pip_conf`` is no configuration file.
    """

    wheelhouse: Path | None = None
    offline: bool = False
    pip_conf: Path | None = None
    ca_bundle: Path | None = None

    def __post_init__(self) -> None:
        """Check what was given."""
        if self.offline and self.wheelhouse is None:
            raise InvalidArgument("--offline needs --wheelhouse, the folder that has the wheels")
        self._configured()

    def uv_options(self) -> list[str]:
        """What uv is told on its command line: no address of an index, since it may hold a password."""
        folders = [str(self.wheelhouse.absolute())] if self.wheelhouse else []
        links = [*folders, *([] if self.offline else self._configured().get("find-links", "").split())]
        nothing_else = ["--no-index", "--offline"] if self.offline else []
        return [*(part for link in links for part in ("--find-links", link)), *nothing_else]

    def variables(self) -> dict[str, str]:
        """The environment for uv and pip, which other users of the machine cannot read."""
        configured = self._configured()
        found = {
            name: " ".join(configured[key].split())
            for name, key in (("UV_DEFAULT_INDEX", "index-url"), ("UV_INDEX", "extra-index-url"))
            if configured.get(key)
        }
        if self.pip_conf is not None:
            found["PIP_CONFIG_FILE"] = str(self.pip_conf.absolute())
        if self.ca_bundle is not None:
            found |= dict.fromkeys(("PIP_CERT", "SSL_CERT_FILE"), str(self.ca_bundle.absolute()))
        return {**os.environ, **found}

    def _configured(self) -> dict[str, str]:
        if self.pip_conf is None:
            return {}
        read = configparser.ConfigParser(interpolation=None)
        try:
            read.read_string(self.pip_conf.read_text("utf-8"))
        except (configparser.Error, UnicodeDecodeError) as error:
            raise InvalidArgument(f"--pip-conf: {self.pip_conf} is not a configuration file of pip") from error
        return dict(read["global"]) if "global" in read else {}
