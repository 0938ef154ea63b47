"""Registered models and their versions on a tracking server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlpack.entities import ModelVersion, Page, RegisteredModel
from mlpack.stores.base import Store
from mlpack.stores.rest import answers
from mlpack.stores.rest.client import Client, about

_MODELS, _VERSIONS = "/registered-models", "/model-versions"
_MODEL, _VERSION = "registered model", "model version"
_PAGE = 1000


class Registry(Store):
    """The half of the REST store that is about names and versions."""

    client: Client

    def get_registered_model(self, name: str) -> RegisteredModel:
        with about(_MODEL, name):
            found = self.client.get(f"{_MODELS}/get", name=name)
            return answers.registered_model(found["registered_model"])

    def search_registered_models(
        self,
        *,
        filter_string: str = "",
        max_results: int = 100,
        order_by: Sequence[str] = (),
        page_token: str | None = None,
    ) -> Page[RegisteredModel]:
        with about("registered models", filter_string):
            asked = {"filter": filter_string or None, "order_by": list(order_by)}
            found = self._page(f"{_MODELS}/search", "registered_models", asked, max_results, page_token)
            return Page(tuple(map(answers.registered_model, found)), found.token)

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        with about(_VERSION, f"{name}/{version}"):
            found = self.client.get(f"{_VERSIONS}/get", name=name, version=version)
            return self._located(found["model_version"])

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        # An alias that is not there is a wrong parameter to MLflow.
        with about("alias", f"{name}@{alias}", absent=("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")):
            found = self.client.get(f"{_MODELS}/alias", name=name, alias=alias)
            return self._located(found["model_version"])

    def get_latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        with about(_MODEL, name):
            found = self.client.send(f"{_MODELS}/get-latest-versions", {"name": name, "stages": list(stages)})
            return [self._located(entry) for entry in found.get("model_versions", ())]

    def search_model_versions(
        self,
        *,
        filter_string: str = "",
        max_results: int = 10_000,
        order_by: Sequence[str] = (),
        page_token: str | None = None,
    ) -> Page[ModelVersion]:
        with about("model versions", filter_string):
            asked = {"filter": filter_string or None, "order_by": list(order_by) or ["creation_timestamp DESC"]}
            found = self._page(f"{_VERSIONS}/search", "model_versions", asked, max_results, page_token)
            return Page(tuple(map(answers.model_version, found)), found.token)

    def create_registered_model(
        self, name: str, *, description: str | None = None, tags: Mapping[str, str] | None = None
    ) -> RegisteredModel:
        body = {"name": name, "description": description, "tags": answers.listed(tags)}
        with about(_MODEL, name):
            found = self.client.send(f"{_MODELS}/create", body, repeatable=False)
            return answers.registered_model(found["registered_model"])

    def update_registered_model(self, name: str, *, description: str) -> RegisteredModel:
        with about(_MODEL, name):
            found = self.client.send(f"{_MODELS}/update", {"name": name, "description": description}, method="PATCH")
            return answers.registered_model(found["registered_model"])

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        with about(_MODEL, name):
            found = self.client.send(f"{_MODELS}/rename", {"name": name, "new_name": new_name}, repeatable=False)
            return answers.registered_model(found["registered_model"])

    def delete_registered_model(self, name: str) -> None:
        with about(_MODEL, name):
            self.client.send(f"{_MODELS}/delete", {"name": name}, method="DELETE", repeatable=False)

    def create_model_version(
        self,
        name: str,
        source: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
        run_link: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> ModelVersion:
        body = {"name": name, "source": source, "run_id": run_id, "model_id": model_id}
        body |= {"run_link": run_link, "description": description}
        with about(_MODEL, name):
            found = self.client.send(f"{_VERSIONS}/create", {**body, "tags": answers.listed(tags)}, repeatable=False)
            return self._located(found["model_version"])

    def update_model_version(self, name: str, version: str, *, description: str) -> ModelVersion:
        return self._changed("PATCH", "update", name, version, {"description": description})

    def transition_model_version_stage(
        self, name: str, version: str, stage: str, *, archive_existing_versions: bool = False
    ) -> ModelVersion:
        change = {"stage": stage, "archive_existing_versions": archive_existing_versions}
        return self._changed("POST", "transition-stage", name, version, change)

    def delete_model_version(self, name: str, version: str) -> None:
        with about(_VERSION, f"{name}/{version}"):
            body = {"name": name, "version": version}
            self.client.send(f"{_VERSIONS}/delete", body, method="DELETE", repeatable=False)

    def set_registered_model_alias(self, name: str, alias: str, version: str) -> None:
        with about(_VERSION, f"{name}/{version}"):
            self.client.send(f"{_MODELS}/alias", {"name": name, "alias": alias, "version": version})

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        with about(_MODEL, name):
            self.client.send(f"{_MODELS}/alias", {"name": name, "alias": alias}, method="DELETE")

    def set_registry_tag(self, name: str, key: str, value: str, *, version: str | None = None) -> None:
        with about(_MODEL if version is None else _VERSION, name if version is None else f"{name}/{version}"):
            body = {"name": name, "version": version, "key": key, "value": value}
            self.client.send(f"{_MODELS if version is None else _VERSIONS}/set-tag", body)

    def delete_registry_tag(self, name: str, key: str, *, version: str | None = None) -> None:
        with about(_MODEL if version is None else _VERSION, name if version is None else f"{name}/{version}"):
            body = {"name": name, "version": version, "key": key}
            self.client.send(f"{_MODELS if version is None else _VERSIONS}/delete-tag", body, method="DELETE")

    def _changed(self, method: str, verb: str, name: str, version: str, change: Mapping[str, Any]) -> ModelVersion:
        with about(_VERSION, f"{name}/{version}"):
            body = {"name": name, "version": version, **change}
            found = self.client.send(f"{_VERSIONS}/{verb}", body, method=method)
            return self._located(found["model_version"])

    def _page(self, path: str, key: str, asked: Mapping[str, Any], most: int, token: str | None) -> Page[answers.Json]:
        """As much as is wanted of a listing, from a token on, by as many calls as the server's own pages need."""
        found: list[answers.Json] = []

        def ask(token: str | None) -> dict[str, Any]:
            return self.client.get(path, **asked, max_results=min(most - len(found), _PAGE), page_token=token)

        for some, after in self.client.pages(ask, key, token):
            found += some
            token = after
            if len(found) >= most:
                break
        return Page(tuple(found), token)

    def _located(self, found: answers.Json) -> ModelVersion:
        """A version with the place of its files, which only a call of its own tells."""
        version = answers.model_version(found)
        where = self.client.get(f"{_VERSIONS}/get-download-uri", name=version.name, version=version.version)
        return replace(version, storage_location=where.get("artifact_uri") or None)
