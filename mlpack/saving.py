"""The one save pipeline: every flavor's ``save_model`` is this.

1. Check everything that can be checked. 2. Work in a hidden sibling folder, removed on any error. 3. The flavor writes.
4. Code and example. 5. Signature. 6. Environment files. 7. Digests. 8. ``MLmodel`` last, all synced, then one rename:
a folder that has an ``MLmodel`` is whole.
"""

from __future__ import annotations

import inspect
import platform
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from mlpack import __version__
from mlpack.code import check_code_paths, copy_code, importable
from mlpack.digest import digests
from mlpack.enforcement import enforce, enforce_params
from mlpack.environment import Environment, environment_from
from mlpack.errors import InvalidArgument
from mlpack.examples import Example
from mlpack.files import MLMODEL, check_target, walk, whole_folder
from mlpack.flavor import Flavor, Written
from mlpack.manifest import OURS, PYTHON_FUNCTION, Model
from mlpack.requirements import infer_requirements, modules_in
from mlpack.signature import ModelSignature, infer_signature
from mlpack.yamlio import load_yaml


@dataclass(frozen=True)
class SaveRequest:
    """The arguments that every flavor's ``save_model`` shares; ``options`` are the flavor's own.

    ``identity`` is what the manifest says of a package that a store keeps: ``run_id``, ``model_id``, ...
    """

    signature: ModelSignature | bool | None = None
    input_example: Any = None
    pip_requirements: list[str] | str | None = None
    extra_pip_requirements: list[str] | str | None = None
    conda_env: Mapping[str, Any] | str | None = None
    code_paths: Sequence[str | PathLike[str]] | None = None
    metadata: dict[str, Any] | None = None
    model_config: Mapping[str, Any] | str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> SaveRequest:
        """The arguments of a call of ``save_model``, told apart."""
        known = {entry.name for entry in fields(cls)} - {"options", "identity"}
        shared = {name: value for name, value in arguments.items() if name in known}
        return cls(**shared, options={name: value for name, value in arguments.items() if name not in known})


def save(flavor: Flavor[Any], model: Any, path: str | PathLike[str] | None, request: SaveRequest) -> Model:
    """Write a package to ``path``; see :meth:`mlpack.flavor.Flavor.save_model` for arguments and errors.

    Returns its manifest.
    """
    flavor.check_installed()
    model, options = _check_options(flavor, model, request.options)
    if path is None:
        raise InvalidArgument("save_model needs the path of the package to write")
    target = check_target(path)
    code_paths = check_code_paths(request.code_paths or ())
    if not isinstance(request.signature, (ModelSignature, bool, type(None))):
        raise InvalidArgument(f"signature is a {type(request.signature).__name__}, not a ModelSignature")
    config = _config(request.model_config)
    example = None if request.input_example is None else Example.of(request.input_example)
    shared = {"model_config": config, "code_paths": code_paths, "input_example": request.input_example}
    options |= {name: value for name, value in shared.items() if name in _options_of(flavor)}
    with whole_folder(target) as folder, importable(code_paths):
        written = flavor.write(model, folder, **options)
        code = copy_code(code_paths, folder)
        manifest = Model(metadata=request.metadata, **request.identity)
        manifest.flavors = _sections(flavor, written, code, config)
        manifest.model_size_bytes = sum(entry.stat().st_size for entry in walk(folder) if entry.is_file())
        if example is not None:
            manifest.saved_input_example_info = example.write(folder)
        if written.signature is not None and request.signature is None:
            manifest.signature = _hinted(written.signature, example)
            manifest.is_signature_from_type_hint = True
        else:
            given = written.default_signature if request.signature is None and example is None else request.signature
            manifest.signature = _signature(flavor, folder, manifest, given, example)
        environment = _environment(flavor, written, folder, request, example)
        if manifest.pyfunc is not None:
            manifest.pyfunc["env"] = environment.write(folder)
        else:
            environment.write(folder)
        manifest.extra[OURS] = {"version": __version__, "digests": digests(folder)}
        (folder / MLMODEL).write_text(manifest.to_yaml(), "utf-8")
    return manifest


def _check_options(flavor: Flavor[Any], model: Any, options: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    given = dict(options)
    if flavor.model_argument in given:
        if model is not None:
            raise InvalidArgument(f"the model was given twice: by position and as {flavor.model_argument}")
        model = given.pop(flavor.model_argument)
    known = _options_of(flavor)
    for name in given:
        if name not in known:
            raise InvalidArgument.unknown(f"option of {flavor.name}.save_model", name, known)
    return model, given


def _options_of(flavor: Flavor[Any]) -> list[str]:
    parameters = inspect.signature(flavor.write).parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]


def _config(given: Mapping[str, Any] | str | None) -> dict[str, Any] | None:
    if isinstance(given, (str, PathLike)):
        if not Path(given).is_file():
            raise InvalidArgument(f"model_config: {given} is not a file")
        given = load_yaml(Path(given))
    if given is not None and not isinstance(given, Mapping):
        raise InvalidArgument(f"model_config must be a map, or a YAML file of one; it is a {type(given).__name__}")
    return None if given is None else dict(given)


def _sections(
    flavor: Flavor[Any], written: Written, code: str | None, config: dict[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """The manifest's ``flavors``: the flavor's own section, and ``python_function`` where the model can predict."""
    sections: dict[str, dict[str, Any]] = {}
    if written.section is not None:
        version = {} if flavor.version_key is None else {flavor.version_key: str(flavor.framework().__version__)}
        sections[flavor.name] = {**version, **written.section, "code": code}
    if written.pyfunc is not None:
        pyfunc = {"loader_module": flavor.loader_module, "python_version": platform.python_version(), **written.pyfunc}
        pyfunc |= {} if code is None else {"code": code}
        if config is not None:
            pyfunc["config"] = {**pyfunc.get("config", {}), **config}
        sections[PYTHON_FUNCTION] = pyfunc
    return sections


def _signature(
    flavor: Flavor[Any],
    folder: Path,
    manifest: Model,
    given: ModelSignature | bool | None,
    example: Example | None,
) -> ModelSignature | None:
    """The signature as given, or inferred by predicting on the example with the model as it was written.

    A model that fails on its example is still saved, with a warning and the signature of its inputs alone: a long
    training is not thrown away for a wrong example.
    """
    if isinstance(given, ModelSignature):
        return given
    if given is False or example is None or manifest.pyfunc is None:
        return None
    section = manifest.pyfunc
    config = section.get("config") or {}
    try:
        signature = infer_signature(example.data, params=example.params)
        model = flavor.read(folder, manifest.flavors.get(flavor.name, section), config)
        data = enforce(example.data, signature.inputs)
        answer = flavor.predictor(model, section, config)(data, enforce_params(example.params, signature.params))
    except Exception as error:  # noqa: BLE001  whatever a user's model raises
        warnings.warn(f"input_example cannot be predicted: {type(error).__name__}: {error}", stacklevel=4)
        return _inputs_alone(example)
    try:
        return infer_signature(example.data, _in_columns(answer, signature), example.params)
    except Exception as error:  # noqa: BLE001  answers of any kind
        warnings.warn(f"no schema can be inferred from the predictions: {error}", stacklevel=4)
        return signature


def _in_columns(answer: Any, signature: ModelSignature) -> Any:
    """The answer as a column where rows are of columns and it has a value for each. Source: MLflow 3.17."""
    if signature.inputs is None or signature.inputs.is_tensor_spec() or getattr(answer, "ndim", 0) != 1:
        return answer
    import pandas as pd

    return pd.Series(answer) if isinstance(answer, np.ndarray) else answer


def _hinted(signature: ModelSignature, example: Example | None) -> ModelSignature:
    """The signature that the model's own type hints stand for, with the params of the example."""
    if example is None or not example.params:
        return signature
    return replace(signature, params=infer_signature(params=example.params).params)


def _inputs_alone(example: Example) -> ModelSignature | None:
    try:
        return infer_signature(example.data, params=example.params)
    except Exception:  # noqa: BLE001  the caller has warned already
        return None


def _environment(
    flavor: Flavor[Any], written: Written, folder: Path, request: SaveRequest, example: Example | None
) -> Environment:
    def inferred() -> list[str]:
        framed = {"pandas"} if example is not None and example.kind == "dataframe" else set()
        return infer_requirements({*flavor.modules, *written.modules, *framed, *modules_in(folder)})

    return environment_from(
        pip_requirements=request.pip_requirements,
        extra_pip_requirements=request.extra_pip_requirements,
        conda_env=request.conda_env,
        default=inferred,
    )
