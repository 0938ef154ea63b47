"""A server of H2O that belongs to this process."""

from __future__ import annotations

import atexit
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack_flavors.java import check_java

_INIT = ("max_mem_size", "nthreads")
_MEMORY = re.compile(r"(\d+)([mg])b?", re.IGNORECASE)
_UNITS = {"m": 2**20, "g": 2**30}
#: Where a free port is looked for: not at 54321, where ``h2o.init`` of other processes finds servers to use.
_PORTS = "55321+"
#: Whose input stays open as long as this process lives.
_watches: list[subprocess.Popen[bytes]] = []


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raise InvalidArgument for settings that are not kept here."""
    for name in settings:
        if name != "init":
            raise InvalidArgument.unknown("key of settings", name, ["init"])
    for name in settings.get("init", {}):
        if name not in _INIT:
            raise InvalidArgument.unknown("key of settings['init']", name, _INIT)
    _options(settings.get("init", {}))


def connect(h2o: Any, init: Mapping[str, Any]) -> None:
    """Connect to a server that only this machine reaches and that ends with this process, however that ends.

    Does nothing where the process is connected already. Of ``init``, which a package may have from anywhere, only the
    memory and the number of threads are taken.

    Raises:
        MissingFramework: there is no Java.
    """
    if h2o.connection() is not None and h2o.connection().connected:
        return
    check_java("h2o")
    server = h2o.backend.H2OLocalServer.start(port=_PORTS, verbose=False, **_options(init))
    # H2O ends its server when Python ends as usual. This does it when Python is killed, and removes what is left.
    watch = [sys.executable, "-I", Path(__file__).with_name("h2o_watch.py"), str(server._process.pid), server._tempdir]
    _watches.append(subprocess.Popen(watch, stdin=subprocess.PIPE, start_new_session=True))
    with redirect_stdout(sys.stderr):  # on which H2O says how old it is
        h2o.connect(server=server, verbose=False)
    h2o.no_progress()
    atexit.register(h2o.connection().close)  # before H2O does, which prints a line


def _options(init: Mapping[str, Any]) -> dict[str, int]:
    memory, threads = str(init.get("max_mem_size", "1g")), init.get("nthreads", -1)
    size = _MEMORY.fullmatch(memory)
    if size is None:
        raise InvalidArgument(f"max_mem_size is {memory!r}, not a size such as '512m' or '4g'")
    if type(threads) is not int or threads < -1 or threads == 0:
        raise InvalidArgument(f"nthreads is {threads!r}, not a number of threads, or -1 for all")
    return {"max_mem_size": int(size[1]) * _UNITS[size[2].lower()], "nthreads": threads}
