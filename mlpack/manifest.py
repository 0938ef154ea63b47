"""The MLmodel file: what a package says of itself. Every key that is not known here is kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from os import PathLike
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidPackage, PackageNotFound
from mlpack.files import MLMODEL, write_atomically
from mlpack.schema import ParamSchema, Schema
from mlpack.signature import ModelSignature
from mlpack.yamlio import dump_yaml, load_yaml

PYTHON_FUNCTION = "python_function"
#: Our own top-level key, which MLflow keeps and ignores.
OURS = "mlpack"

_TEXTS = ("artifact_path", "run_id", "utc_time_created", "model_uuid", "model_id", "mlflow_version")
_MAPS = ("metadata", "saved_input_example_info")
_FLAGS = ("is_signature_from_type_hint", "type_hint_from_example")


def _now() -> str:
    return str(datetime.now(timezone.utc).replace(tzinfo=None))


@dataclass
class Model:
    """A package's manifest, with the names that users of ``mlflow.models.Model`` know.

    ``flavors`` maps the name of a flavor to its section. ``extra`` holds the top-level keys that have no field here.
    Source of the keys: MLflow 3.17, ``Model.to_dict``.
    """

    flavors: dict[str, dict[str, Any]] = field(default_factory=dict)
    signature: ModelSignature | None = None
    metadata: dict[str, Any] | None = None
    artifact_path: str | None = None
    run_id: str | None = None
    utc_time_created: str | None = field(default_factory=_now)
    model_uuid: str | None = field(default_factory=lambda: uuid.uuid4().hex)
    model_id: str | None = None
    mlflow_version: str | None = None
    saved_input_example_info: dict[str, Any] | None = None
    model_size_bytes: int | None = None
    is_signature_from_type_hint: bool = False
    type_hint_from_example: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Model:
        """Read a manifest; ``path`` is an MLmodel file or the folder that holds one.

        Raises:
            PackageNotFound: there is no such file.
            InvalidPackage: it is not YAML, or a key holds what it cannot.
        """
        file = Path(path)
        file = file / MLMODEL if file.is_dir() else file
        if not file.is_file():
            raise PackageNotFound(f"{file} does not exist", tip="name the folder that holds the MLmodel file")
        return cls.from_dict(load_yaml(file))

    @classmethod
    def from_dict(cls, document: Any) -> Model:
        """The manifest in a parsed MLmodel document; raises InvalidPackage where a key holds what it cannot."""
        content = dict(_mapping(document, "the document"))
        flavors = _mapping(content.pop("flavors", None), "flavors")
        values: dict[str, Any] = {key: _text(content.pop(key, None), key) for key in _TEXTS}
        values |= {key: _optional_mapping(content.pop(key, None), key) for key in _MAPS}
        values |= {key: bool(content.pop(key, False)) for key in _FLAGS}
        size = content.pop("model_size_bytes", None)
        signature = content.pop("signature", None)
        return cls(
            flavors={str(name): dict(_mapping(section, f"flavors.{name}")) for name, section in flavors.items()},
            signature=None if signature is None else ModelSignature.from_dict(_mapping(signature, "signature")),
            model_size_bytes=size if isinstance(size, int) else None,
            extra=content,
            **values,
        )

    def to_dict(self) -> dict[str, Any]:
        """The manifest as plain data; keys without a value are left out, as MLflow does, but for ``model_id``."""
        document: dict[str, Any] = {key: getattr(self, key) for key in (*_TEXTS, *_MAPS, "model_size_bytes")}
        document = {key: value for key, value in document.items() if value is not None}
        document |= {"flavors": self.flavors, "model_id": self.model_id, **self.extra}
        if self.signature is not None:
            document["signature"] = self.signature.to_dict()
            document |= {key: getattr(self, key) for key in _FLAGS}
        return document

    def to_yaml(self) -> str:
        """The manifest as the text of an MLmodel file."""
        return dump_yaml(self.to_dict())

    def save(self, path: str | PathLike[str]) -> None:
        """Write the manifest to ``path``, whole or not at all."""
        write_atomically(Path(path), self.to_yaml())

    def add_flavor(self, name: str, **section: Any) -> Model:
        """Add or replace a flavor's section; returns this manifest."""
        self.flavors[name] = section
        return self

    @property
    def pyfunc(self) -> dict[str, Any] | None:
        """The ``python_function`` section, or None where the package has none."""
        return self.flavors.get(PYTHON_FUNCTION)

    @property
    def ours(self) -> dict[str, Any]:
        """What mlpack keeps in the manifest: digests, the version that wrote it. Empty for packages of others."""
        return dict(_optional_mapping(self.extra.get(OURS), OURS) or {})

    def get_input_schema(self) -> Schema | None:
        """The schema of the inputs, or None."""
        return self.signature.inputs if self.signature else None

    def get_output_schema(self) -> Schema | None:
        """The schema of the outputs, or None."""
        return self.signature.outputs if self.signature else None

    def get_params_schema(self) -> ParamSchema | None:
        """The schema of the parameters, or None."""
        return self.signature.params if self.signature else None


def _mapping(value: Any, key: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise InvalidPackage(f"{MLMODEL}: {key} must be a map, found {type(value).__name__}")
    return value


def _optional_mapping(value: Any, key: str) -> dict[str, Any] | None:
    return None if value is None else dict(_mapping(value, key))


def _text(value: Any, key: str) -> str | None:
    # YAML reads a time or an all-digit hexadecimal id as its own type; both are texts here.
    if value is None or isinstance(value, (str, int, float, datetime)):
        return None if value is None else str(value)
    raise InvalidPackage(f"{MLMODEL}: {key} must be a text, found {type(value).__name__}")
