"""What a package says of itself, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

from mlpack.manifest import Model
from mlpack.signature import ModelSignature
from mlpack.stores import resolve


@dataclass(frozen=True)
class ModelInfo:
    """The manifest of a package and where it is; fields as in MLflow's ``ModelInfo``."""

    model_uri: str
    artifact_path: str | None
    flavors: dict[str, Any]
    model_uuid: str | None
    model_id: str | None
    run_id: str | None
    saved_input_example_info: dict[str, Any] | None
    signature: ModelSignature | None
    utc_time_created: str | None
    mlflow_version: str | None
    metadata: dict[str, Any] | None
    #: The version that logging the model registered, if it did.
    registered_model_version: str | None = None

    @classmethod
    def of(cls, manifest: Model, model_uri: str) -> ModelInfo:
        """What a manifest says of the package at a URI."""
        return cls(
            model_uri=model_uri,
            artifact_path=manifest.artifact_path,
            flavors=manifest.flavors,
            model_uuid=manifest.model_uuid,
            model_id=manifest.model_id,
            run_id=manifest.run_id,
            saved_input_example_info=manifest.saved_input_example_info,
            signature=manifest.signature,
            utc_time_created=manifest.utc_time_created,
            mlflow_version=manifest.mlflow_version,
            metadata=manifest.metadata,
        )

    @property
    def signature_dict(self) -> dict[str, Any] | None:
        """The signature as the manifest has it, or None."""
        return self.signature.to_dict() if self.signature else None


def get_model_info(model_uri: str | PathLike[str]) -> ModelInfo:
    """Read a package's manifest, running nothing of the package.

    Raises:
        PackageNotFound: nothing is at ``model_uri``.
        InvalidPackage: the manifest is broken.
    """
    return ModelInfo.of(Model.load(resolve(model_uri)), fspath(model_uri))
