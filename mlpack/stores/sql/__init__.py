"""A database that MLflow wrote, read only."""

from __future__ import annotations

from mlpack.stores.sql.store import SqlStore

__all__ = ["SqlStore"]
