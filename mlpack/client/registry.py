"""Registered models, their versions, aliases, stages and tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlpack.client.base import Stores
from mlpack.client.runs import texts
from mlpack.entities import ModelVersion, Page, RegisteredModel


class RegistryCalls(Stores):
    """The part of a client that is about registered models. A version is given as text or as a number."""

    def create_registered_model(
        self, name: str, tags: Mapping[str, Any] | None = None, description: str | None = None
    ) -> RegisteredModel:
        """Make a name; raises AlreadyInStore where it is taken."""
        return self._registry.create_registered_model(name, description=description, tags=texts(tags))

    def get_registered_model(self, name: str) -> RegisteredModel:
        """The registered model of that name."""
        return self._registry.get_registered_model(name)

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = 100,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> Page[RegisteredModel]:
        """Registered models that fit ``filter_string`` (``name LIKE 'iris%'``), by name unless ordered otherwise.

        ``order_by`` holds attributes with an optional ``ASC`` or ``DESC``. The page's ``token`` asks for the next.
        """
        return self._registry.search_registered_models(
            filter_string=filter_string or "", max_results=max_results, order_by=order_by or (), page_token=page_token
        )

    def update_registered_model(self, name: str, description: str) -> RegisteredModel:
        """Change its description."""
        return self._registry.update_registered_model(name, description=description)

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Change its name; versions and aliases go with it."""
        return self._registry.rename_registered_model(name, new_name)

    def delete_registered_model(self, name: str) -> None:
        """Remove a name with all its versions; the packages themselves stay."""
        self._registry.delete_registered_model(name)

    def set_registered_model_tag(self, name: str, key: str, value: Any) -> None:
        """Set a tag of a registered model."""
        self._registry.set_registry_tag(name, key, str(value))

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove a tag of a registered model."""
        self._registry.delete_registry_tag(name, key)

    def set_registered_model_alias(self, name: str, alias: str, version: str | int) -> None:
        """Point an alias at a version, from wherever it pointed before."""
        self._registry.set_registered_model_alias(name, alias, str(version))

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias."""
        self._registry.delete_registered_model_alias(name, alias)

    def create_model_version(  # noqa: PLR0913, PLR0917  as people know it from MLflow
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        run_link: str | None = None,
        description: str | None = None,
        await_creation_for: int | None = None,
        model_id: str | None = None,
    ) -> ModelVersion:
        """Register what is at the URI ``source`` as the next version of a name that exists, without looking at it.

        :func:`mlpack.register_model` makes the name and looks whether a whole package is there. A version is ready
        when this returns, so ``await_creation_for``, which scripts for MLflow may give, changes nothing.
        """
        return self._registry.create_model_version(
            name,
            source,
            run_id=run_id,
            model_id=model_id,
            run_link=run_link,
            description=description,
            tags=texts(tags),
        )

    def get_model_version(self, name: str, version: str | int) -> ModelVersion:
        """One version."""
        return self._registry.get_model_version(name, str(version))

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias names."""
        return self._registry.get_model_version_by_alias(name, alias)

    def get_model_version_download_uri(self, name: str, version: str | int) -> str:
        """Where the files of a version are."""
        found = self.get_model_version(name, version)
        return found.storage_location or found.source

    def get_latest_versions(self, name: str, stages: Sequence[str] | None = None) -> list[ModelVersion]:
        """The highest version in each stage, or in each of ``stages``."""
        return self._registry.get_latest_versions(name, stages or ())

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = 10_000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> Page[ModelVersion]:
        """Versions that fit ``filter_string`` (``name = 'iris' and run_id = '...'``), newest first.

        ``order_by`` holds attributes with an optional ``ASC`` or ``DESC``. The page's ``token`` asks for the next.
        """
        return self._registry.search_model_versions(
            filter_string=filter_string or "", max_results=max_results, order_by=order_by or (), page_token=page_token
        )

    def update_model_version(self, name: str, version: str | int, description: str) -> ModelVersion:
        """Change its description."""
        return self._registry.update_model_version(name, str(version), description=description)

    def transition_model_version_stage(
        self, name: str, version: str | int, stage: str, archive_existing_versions: bool = False
    ) -> ModelVersion:
        """Move a version to ``None``, ``Staging``, ``Production`` or ``Archived``.

        ``archive_existing_versions`` moves those that are in that stage to ``Archived``.
        """
        return self._registry.transition_model_version_stage(
            name, str(version), stage, archive_existing_versions=archive_existing_versions
        )

    def delete_model_version(self, name: str, version: str | int) -> None:
        """Remove a version; the package itself stays."""
        self._registry.delete_model_version(name, str(version))

    def set_model_version_tag(self, name: str, version: str | int, key: str, value: Any) -> None:
        """Set a tag of a version."""
        self._registry.set_registry_tag(name, key, str(value), version=str(version))

    def delete_model_version_tag(self, name: str, version: str | int, key: str) -> None:
        """Remove a tag of a version."""
        self._registry.delete_registry_tag(name, key, version=str(version))
