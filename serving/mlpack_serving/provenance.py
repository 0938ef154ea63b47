"""Which model answers: what its name, version and digest are, in headers and in metrics."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from mlpack import __version__
from mlpack.pyfunc import PyFuncModel
from mlpack_serving.settings import Settings

#: The headers that say which model answered.
HEADERS = ("x-mlpack-model", "x-mlpack-version", "x-mlpack-digest")
_SAFE = "!#$&'()*+,/:;=?@[] "


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Name and version as the registry or the settings have them, the digest and flavor of the package."""

    name: str
    version: str
    digest: str
    flavor: str
    load_seconds: float = 0.0

    @classmethod
    def of(cls, model: PyFuncModel, settings: Settings, load_seconds: float = 0.0) -> Provenance:
        """What is known of a model; without a name in the settings it is called as its folder is."""
        return cls(
            name=settings.model_name or model.folder.resolve().name,
            version=settings.model_version,
            digest=model.digest,
            flavor=model.flavor,
            load_seconds=load_seconds,
        )

    @property
    def labels(self) -> dict[str, str]:
        """What metrics say of the model."""
        told = {"name": self.name, "version": self.version, "digest": self.digest, "flavor": self.flavor}
        return told | {"mlpack_version": __version__}

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What every answer to a request to predict says of the model; what is not ASCII is percent-encoded."""
        told = dict(zip(HEADERS, (self.name, self.version, self.digest), strict=True))
        return [(key.encode(), quote(value, safe=_SAFE).encode()) for key, value in told.items() if value]
