"""MLflow's file store, ``./mlruns``: read as both MLflow 2 and 3 write it, and written so that both read it.

What it does is in modules that each rest on the next:
model_versions → registered_models → logged_models → runs → experiments → disk, index.
"""

from __future__ import annotations

from mlpack.stores.file_store.model_versions import ModelVersions

__all__ = ["FileStore"]


class FileStore(ModelVersions):
    """Runs, logged models and the registry in a folder of MLflow's layout; the folder is made by the first write."""
