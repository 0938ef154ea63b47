"""Several processes that answer requests, supervised by gunicorn: one that dies is replaced, SIGTERM drains all."""

from __future__ import annotations

import logging
import os
import signal
import sys
from functools import partial
from os import PathLike
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from mlpack.errors import MlpackError
from mlpack.processors import share, thread_variables
from mlpack_serving.draining import DrainingServer
from mlpack_serving.server import announce, bind, load_app
from mlpack_serving.settings import Settings

logger = logging.getLogger("mlpack_serving")

#: A worker whose event loop has not turned for so many seconds is replaced.
_SILENCE_SECONDS = 30
#: How much longer than the workers the supervisor waits before it ends them.
_MERCY_SECONDS = 5
#: Distributions whose objects are whole in a forked process.
_SURVIVE_A_FORK = frozenset(
    {"catboost", "cloudpickle", "joblib", "numpy", "packaging", "pandas", "patsy", "psutil", "scikit-learn"}
    | {"scipy", "skops", "statsmodels", "threadpoolctl"}
)
_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def serve_with_workers(uri: str | PathLike[str], settings: Settings) -> None:
    """Serve a package from ``settings.workers`` processes until SIGTERM or SIGINT.

    Raises:
        MlpackError: the package cannot be loaded, or the address cannot be had.
    """
    os.environ.update(thread_variables(share(settings.workers)))  # before anything is loaded that reads them
    app = load_app(uri, settings) if _may_be_forked(uri) else None
    supervisor = _Supervisor(_Application(uri, settings, app))
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


class _Application(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn serves and how; ``app`` is None where each worker loads the model for itself."""

    def __init__(self, uri: str | PathLike[str], settings: Settings, app: Any | None) -> None:
        self.uri = uri
        self.settings = settings
        self._app = app
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options; its own files, arguments and variables are not read."""
        options = {
            "workers": self.settings.workers,
            "worker_class": _Worker,
            "preload_app": self._app is not None,
            "timeout": _SILENCE_SECONDS,
            "graceful_timeout": self.settings.drain_timeout + _MERCY_SECONDS,
            "loglevel": "warning",
            "control_socket_disable": True,  # from gunicorn 25 on: nobody is to steer the server through a socket
        }
        for name in options.keys() & self.cfg.settings.keys():
            self.cfg.set(name, options[name])

    def load(self) -> Any:
        """The ASGI application; called once in the supervisor, or once in each worker."""
        return load_app(self.uri, self.settings) if self._app is None else self._app


class _Supervisor(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """The process that keeps the workers alive."""

    handle_int = Arbiter.handle_term  # Ctrl+C drains as SIGTERM does; a second one ends at once

    def spawn_worker(self) -> Any:
        """Fork. A signal to the new process waits until it has its own handlers; the supervisor's would swallow it."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


class _Worker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """A process that answers requests."""

    def init_signals(self) -> None:
        """Forget the supervisor's handlers; the server sets its own for SIGTERM and SIGINT."""
        for each in self.SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # asks to open log files anew, of which there are none
        signal.signal(signal.SIGQUIT, lambda *_: os._exit(0))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)

    def load_wsgi(self) -> None:
        """Load the model, if the supervisor has not; what goes wrong ends the supervisor too."""
        try:
            super().load_wsgi()
        except MlpackError as error:
            logger.error("%s; %s", error, error.tip)
            sys.exit(Arbiter.APP_LOAD_ERROR)

    def run(self) -> None:
        """Answer until told to stop, or until the supervisor is gone."""
        address = self.sockets[0].getsockname()
        ready = partial(announce, self.app.uri, address) if self.age == 1 else lambda: None  # the first says it for all
        self.server = DrainingServer(self.wsgi, self.app.settings, ready, self._beat)
        self.server.run(sockets=self.sockets)

    async def _beat(self) -> None:
        self.notify()
        if os.getppid() != self.ppid:
            self.server.should_exit = True
