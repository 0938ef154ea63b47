"""The process of the scoring server: load the model, listen, answer until told to stop.

One worker is this process itself; several are processes that gunicorn supervises (:mod:`mlpack_serving.workers`).
"""

from __future__ import annotations

import gc
import logging
from functools import partial
from ipaddress import ip_address
from os import PathLike, fspath
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from mlpack.code import forget
from mlpack.errors import InvalidArgument
from mlpack_serving.access import Access
from mlpack_serving.draining import DrainingServer
from mlpack_serving.listening import bind
from mlpack_serving.logs import configure
from mlpack_serving.reloading import Reloading
from mlpack_serving.settings import Settings
from mlpack_serving.successor import Successor
from mlpack_serving.trial import Found

if TYPE_CHECKING:
    from mlpack_serving.app import ScoringApp
    from mlpack_serving.metrics import Metrics

logger = logging.getLogger("mlpack_serving")


def serve(found: Found, settings: Settings, origin: str | PathLike[str]) -> None:
    """Serve a package until SIGTERM or SIGINT, then finish what was accepted and return.

    ``origin`` is the URI that a reload resolves anew: an alias may have moved.

    Raises:
        MlpackError: the package cannot be loaded (nothing listens then), or the address cannot be had.
    """
    configure(settings.log_format)
    access = Access(settings)
    # A process that is to be replaced without a pause needs another that replaces it.
    if settings.workers > 1 or settings.follow or access.controlled:
        _serve_with_workers(found, settings, access, origin)
    else:
        _serve_alone(found, settings, access, origin)


def _serve_alone(found: Found, settings: Settings, access: Access, origin: str | PathLike[str]) -> None:
    app = load_app(found.folder, settings.called(found.uri), access)
    listener = bind(settings)
    ready = partial(announce, found.folder, listener.getsockname(), access)
    server = DrainingServer(app, settings, ready)
    successor = Successor(server, Reloading(origin, found.folder, 0, app.metrics))
    server.run(sockets=[listener])
    successor.take_over()


def _serve_with_workers(found: Found, settings: Settings, access: Access, origin: str | PathLike[str]) -> None:
    try:
        from mlpack_serving.workers import serve_with_workers
    except ImportError as error:
        tip = "leave out --workers, --follow and --control-keys-file: gunicorn does not exist for every platform"
        raise InvalidArgument("gunicorn, which replaces processes, is not installed here", tip=tip) from error
    serve_with_workers(found, settings, access, origin)


def load_app(
    uri: str | PathLike[str], settings: Settings, access: Access, metrics: Metrics | None = None
) -> ScoringApp:
    """Load the model, and keep what is loaded out of the way of the garbage collector.

    The application counts in ``metrics``, or for itself alone.
    """
    # Here, because these load numpy, which reads at that moment how many threads it may use.
    from mlpack.pyfunc import load_model
    from mlpack_serving.app import ScoringApp

    forget(Path(uri))  # what was loaded from there before may have been another version
    began = perf_counter()
    model = load_model(uri)
    app = ScoringApp(model, settings, access, metrics, perf_counter() - began)
    gc.collect()
    gc.freeze()
    return app


def announce(uri: str | PathLike[str], address: tuple[Any, ...], access: Access) -> None:
    """Log where the model is served, in a line that programs can read, and who can reach it."""
    host, port = address[:2]
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if access.certificates else "http"
    logger.info("Serving %s at %s://%s:%d", fspath(uri), scheme, shown, port)
    if ip_address(host).is_loopback:
        return
    if not access.needed and not (access.certificates and access.certificates.of_clients):
        what = "can use the model: no key is asked for (--api-keys-file, --jwks-file, --tls-client-ca)"
        logger.warning("Whoever reaches port %d of this machine %s", port, what)
    if not access.certificates:
        logger.warning("What goes through port %d can be read on its way, keys too: there is no TLS (--tls-cert)", port)
