"""Several processes that answer requests, supervised by gunicorn: one that dies is replaced, SIGTERM drains all."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger

from mlpack.errors import MlpackError
from mlpack.processors import share, thread_variables
from mlpack_serving.access import Access
from mlpack_serving.listening import bind
from mlpack_serving.reloading import Reloading, drop
from mlpack_serving.server import load_app
from mlpack_serving.settings import Settings
from mlpack_serving.shared import Notice
from mlpack_serving.supervisor import Supervisor
from mlpack_serving.trial import Found
from mlpack_serving.worker import Worker

if TYPE_CHECKING:
    from mlpack_serving.app import ScoringApp
    from mlpack_serving.metrics import Metrics

#: Where Linux keeps files in memory, which a read-only container has too.
_MEMORY = Path("/dev/shm")  # noqa: S108  gunicorn unlinks its files at once
#: Distributions whose objects are whole in a forked process.
_SURVIVE_A_FORK = frozenset(
    {"catboost", "cloudpickle", "joblib", "numpy", "packaging", "pandas", "patsy", "psutil", "scikit-learn"}
    | {"scipy", "skops", "statsmodels", "threadpoolctl"}
)


def serve_with_workers(found: Found, settings: Settings, access: Access, origin: str | PathLike[str]) -> None:
    """Serve a package from ``settings.workers`` processes until SIGTERM or SIGINT; see :func:`.server.serve`.

    Raises:
        MlpackError: the package cannot be loaded, or the address cannot be had.
    """
    os.environ.update(thread_variables(share(settings.workers)))  # before anything is loaded that reads them
    from mlpack_serving.metrics import Metrics  # which loads numpy

    metrics = Metrics(settings.workers)
    reloading = Reloading(origin, found.folder, settings.follow, metrics)
    supervisor = Supervisor(_Application(found, settings, access, metrics, reloading))
    supervisor.LISTENERS = [bind(settings)]
    process = os.getpid()
    try:
        supervisor.run()
    except SystemExit as end:
        if os.getpid() != process:  # a worker ends here, and not in what called us in another process
            logging.shutdown()
            os._exit(end.code if isinstance(end.code, int) else 0)
        if end.code:
            raise MlpackError("no worker could be started", tip="the log says why, above") from end


def _may_be_forked(uri: str | PathLike[str]) -> bool:
    """Whether one loaded model can be shared by all workers. Plain data of a library can; a user's own code may have
    opened connections, and a framework may have started threads or taken a GPU, none of which survives a fork: OpenMP
    waits for ever for the threads of its parent, which XGBoost starts already when a pipeline that holds it is read."""
    from mlpack.loading import open_package
    from mlpack.manifest import PYTHON_FUNCTION
    from mlpack.plugins import for_loader
    from mlpack.requirement_lines import requirement_name

    package = open_package(uri)
    loader = package.section(PYTHON_FUNCTION).get("loader_module")
    needed = set(map(requirement_name, package.environment.to_install))
    return for_loader(str(loader)).forkable and needed <= _SURVIVE_A_FORK


class _Log(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's log, in our own."""

    def setup(self, cfg: Config) -> None:
        """Hand all on."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


@dataclass(frozen=True)
class Served:
    """What workers of one generation serve; ``app`` is None where each loads the model for itself."""

    folder: str
    settings: Settings
    app: ScoringApp | None
    generation: int


class _Application(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """What workers serve and how: the model, loaded once for all of them where it may be forked."""

    def __init__(
        self, found: Found, settings: Settings, access: Access, metrics: Metrics, reloading: Reloading
    ) -> None:
        self.settings = settings
        self.access = access
        self.metrics = metrics
        self.reloading = reloading
        #: Whether a worker has ever answered: from then on, one that cannot be started does not end the server.
        self.established = False
        #: What the supervisor has to tell to those who ask for the server's health.
        self.notice = Notice()
        self._number = 0
        self._former: Served | None = None
        self.served = self._load(found)
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options; its own files, arguments and variables are not read."""
        options = {
            "workers": self.settings.workers,
            "worker_class": Worker,
            "timeout": 0,  # the supervisor has its own eye on workers
            "loglevel": "warning",
            "worker_tmp_dir": str(_MEMORY) if _MEMORY.is_dir() else None,
            "logger_class": _Log,
            "child_exit": Supervisor.note_end,
            "control_socket_disable": True,  # from gunicorn 25 on: nobody is to steer the server through a socket
        }
        for name in options.keys() & self.cfg.settings.keys():
            self.cfg.set(name, options[name])

    def wsgi(self) -> ScoringApp:
        """The ASGI application: what gunicorn has a worker ask for."""
        served = self.served
        return served.app or load_app(served.folder, served.settings, self.access, self.metrics)

    def switch(self, found: Found) -> None:
        """Have workers that are started from now on serve another package; raises what loading it raises."""
        served = self._load(found)
        self._former, self.served = self.served, served

    def revert(self) -> None:
        """Have them serve again what they served before."""
        if self._former is not None:
            self.served, self._former = self._former, None

    def drop_former(self) -> None:
        """Forget what was served before."""
        if self._former is not None:
            former, self._former = self._former, None
            drop(former.folder, self.served.folder)

    def _load(self, found: Found) -> Served:
        self._number += 1
        settings = self.settings.called(found.uri)
        app = load_app(found.folder, settings, self.access, self.metrics) if _may_be_forked(found.folder) else None
        return Served(found.folder, settings, app, self._number)
