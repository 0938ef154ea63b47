"""A part of an input file that is yet to be decoded."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from mlpack.manifest import Model
from mlpack.payloads.json_body import decode_json
from mlpack.payloads.limits import Limits
from mlpack.payloads.payload import Payload


@dataclass(frozen=True)
class Chunk(ABC):
    """Consecutive rows as the file has them; it can be pickled, and its text says which rows they are."""

    first: int
    rows: int

    @abstractmethod
    def payload(self, model: Model, limits: Limits) -> Payload:
        """Decode it, held against the signature of the model; raises InvalidInput, with the row in the file."""

    def __str__(self) -> str:
        return f"rows {self.first} to {self.first + self.rows - 1}"


@dataclass(frozen=True)
class WholeInput(Chunk):
    """A JSON document, whose rows are not counted."""

    body: bytes

    def payload(self, model: Model, limits: Limits) -> Payload:
        """Decode it, as a request body is."""
        return decode_json(self.body, model, limits)
