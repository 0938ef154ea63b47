"""A running MLflow tracking server, over HTTP."""

from __future__ import annotations

from mlpack.stores.rest.session import Session
from mlpack.stores.rest.store import RestStore

__all__ = ["RestStore", "Session"]
