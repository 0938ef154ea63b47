"""Request bodies in, answers out: what travels between a client and a model, in every format that is read and written.

``decode`` reads a body by its content type and holds it against the model's signature; ``encode_json`` and
``encode_arrow`` write what the model answered. For files larger than memory see :mod:`mlpack.payloads.files`.
"""

from __future__ import annotations

from mlpack.manifest import Model
from mlpack.payloads.arrow import read_arrow
from mlpack.payloads.delimited import read_csv
from mlpack.payloads.encoding import encode_json
from mlpack.payloads.json_body import checked_params, decode_json
from mlpack.payloads.limits import Limits
from mlpack.payloads.media import ARROW_STREAM, CSV, JSON, PARQUET, SUPPORTED, media_type
from mlpack.payloads.payload import Payload
from mlpack.payloads.writers import ResultWriter, encode_answer, encode_arrow, open_writer

__all__ = [
    "ARROW_STREAM",
    "CSV",
    "JSON",
    "PARQUET",
    "SUPPORTED",
    "Limits",
    "Payload",
    "ResultWriter",
    "decode",
    "encode_answer",
    "encode_arrow",
    "encode_json",
    "open_writer",
]

_DEFAULTS = Limits()


def decode(body: bytes, content_type: str | None, model: Model, limits: Limits = _DEFAULTS) -> Payload:
    """Read a request body: what the model takes, already held against its signature.

    Raises:
        UnsupportedMediaType: the content type is not one that is read here.
        MalformedPayload: the body is not what the content type says.
        SchemaMismatch: it does not fit the signature.
        LimitExceeded: it is larger than a limit.
    """
    kind = media_type(content_type)
    limits.check("body_bytes", "the size of the body", len(body))
    if kind == JSON:
        return decode_json(body, model, limits)
    data = read_csv(body, model, limits) if kind == CSV else read_arrow(body, kind, model, limits)
    return Payload(data, checked_params(None, model))
