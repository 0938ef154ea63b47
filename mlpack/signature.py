"""A model's signature: the schemas of its inputs, outputs and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.inference import infer_params, infer_schema
from mlpack.schema import ParamSchema, Schema


@dataclass(frozen=True)
class ModelSignature:
    """What a model takes and gives; at least one of the three is there, else InvalidArgument is raised."""

    inputs: Schema | None = None
    outputs: Schema | None = None
    params: ParamSchema | None = None

    def __post_init__(self) -> None:
        for part, kind in ((self.inputs, Schema), (self.outputs, Schema), (self.params, ParamSchema)):
            if part is not None and not isinstance(part, kind):
                raise InvalidArgument(f"a signature is made of a {kind.__name__}, got {type(part).__name__}")
        if self.inputs is None and self.outputs is None and self.params is None:
            raise InvalidArgument("a signature needs inputs, outputs or params")

    def to_dict(self) -> dict[str, str | None]:
        """The three schemas as JSON text, or None: what stands under ``signature`` in the MLmodel file."""
        return {
            "inputs": self.inputs.to_json() if self.inputs else None,
            "outputs": self.outputs.to_json() if self.outputs else None,
            "params": self.params.to_json() if self.params else None,
        }

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> ModelSignature:
        """The signature of such a mapping; raises InvalidPackage if a schema cannot be read."""
        inputs, outputs, params = (parts.get(key) or None for key in ("inputs", "outputs", "params"))
        return cls(
            Schema.from_json(inputs) if inputs else None,
            Schema.from_json(outputs) if outputs else None,
            ParamSchema.from_json(params) if params else None,
        )

    def __repr__(self) -> str:
        return f"inputs:\n  {self.inputs!r}\noutputs:\n  {self.outputs!r}\nparams:\n  {self.params!r}\n"


def infer_signature(
    model_input: Any = None, model_output: Any = None, params: Mapping[str, Any] | None = None
) -> ModelSignature:
    """The signature that fits an example of the input, of the output and of the parameters, as MLflow infers it.

    Arrays and sparse matrices become tensors whose first dimension is free; frames, series, lists, dictionaries and
    scalars become columns. Data that no schema describes gets one column of type any, and a warning in the log.
    InvalidArgument is raised for parameters that no schema describes.
    """
    return ModelSignature(
        None if model_input is None else infer_schema(model_input),
        None if model_output is None else infer_schema(model_output),
        infer_params(params) if params else None,
    )
