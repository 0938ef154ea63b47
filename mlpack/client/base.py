"""The two stores that a client calls."""

from __future__ import annotations

from mlpack.stores.base import Store
from mlpack.stores.configured import registry_store, tracking_store
from mlpack.stores.uri import without_credentials


class Stores:
    """The store of runs and the store of registered models: the same, unless a registry of its own is configured."""

    def __init__(self, tracking_uri: str | None = None, registry_uri: str | None = None) -> None:
        self._tracking: Store = tracking_store(tracking_uri)
        self._registry: Store = registry_store(registry_uri, tracking_uri=tracking_uri)

    @property
    def tracking_uri(self) -> str:
        """Where runs are."""
        return self._tracking.uri

    @property
    def registry_uri(self) -> str:
        """Where registered models are."""
        return self._registry.uri

    def __repr__(self) -> str:
        tracking, registry = without_credentials(self.tracking_uri), without_credentials(self.registry_uri)
        return f"<{type(self).__name__} tracking_uri={tracking!r} registry_uri={registry!r}>"
