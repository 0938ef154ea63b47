"""What names in a store may look like. One that passes here is a segment of a path or of a URI, and means itself."""

from __future__ import annotations

import re

from mlpack.entities import STAGES
from mlpack.errors import InvalidArgument

RUN_ID = re.compile(r"[0-9a-f]{32}")
MODEL_ID = re.compile(r"m-[0-9a-f]{32}")
VERSION = re.compile(r"[1-9][0-9]{0,17}")
EXPERIMENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
#: A registered model: printable, without what separates or escapes in a URI or a path, and no hidden file.
MODEL_NAME = re.compile(r"(?!\.)[^/\\:?#%\x00-\x1f\x7f]{1,256}")
ALIAS = re.compile(r"[\w-]{1,255}")
#: What MLflow reserves: ``latest`` is a rule, and ``v3`` would be taken for a version.
RESERVED_ALIAS = re.compile(r"latest|v[0-9]+", re.IGNORECASE)
#: Keys of params, metrics and tags, which become files: MLflow's characters, in segments that mean themselves.
KEY = re.compile(r"(?!.{251})[\w.\- :]+(/[\w.\- :]+)*", re.DOTALL)


def check_run_id(run_id: str) -> str:
    """The id of a run, 32 hexadecimal digits; raises InvalidArgument otherwise."""
    return _match(RUN_ID, "run id", run_id, "32 hexadecimal digits")


def check_model_id(model_id: str) -> str:
    """The id of a logged model, ``m-`` and 32 hexadecimal digits; raises InvalidArgument otherwise."""
    return _match(MODEL_ID, "model id", model_id, "m- and 32 hexadecimal digits")


def check_experiment_id(experiment_id: str) -> str:
    """The id of an experiment, digits where MLflow or we made it; raises InvalidArgument otherwise."""
    return _match(EXPERIMENT_ID, "experiment id", experiment_id, "letters, digits, _ and -")


def check_version(version: str) -> str:
    """The number of a version as text; raises InvalidArgument otherwise."""
    return _match(VERSION, "version", version, "a whole number from 1 on")


def check_model_name(name: str) -> str:
    r"""The name of a registered model.

    MLflow forbids ``/`` and ``:``. Here these are refused too: ``\ ? # %``, what cannot be printed, a dot or a space at
    the start, a space at the end, and what looks like the id of a logged model.
    """
    _match(MODEL_NAME, "model name", name, r"at most 256 characters, none of / \ : ? # %, no dot first")
    if not name.isprintable() or name.strip() != name or MODEL_ID.fullmatch(name):
        raise InvalidArgument(
            f"{name!r} cannot be the name of a registered model",
            tip="use letters that can be printed, no space at the ends, and nothing like m-<32 hexadecimal digits>",
        )
    return name


def check_alias(alias: str) -> str:
    """An alias of a version; ``latest`` and ``v<number>`` are not free."""
    _match(ALIAS, "alias", alias, "letters, digits, _ and -")
    if RESERVED_ALIAS.fullmatch(alias):
        raise InvalidArgument(f"the alias {alias!r} is reserved", tip="write models:/name/latest or models:/name/3")
    return alias


def check_key(kind: str, key: str) -> str:
    """The key of a param, metric or tag (``kind``): at most 250 letters, digits and ``_ - . : /`` or spaces."""
    _match(KEY, kind, key, "at most 250 letters, digits, spaces and _ - . : /")
    if any(segment in (".", "..") for segment in key.split("/")):
        raise InvalidArgument(f"the {kind} {key!r} has a segment that is not a name")
    return key


def model_id_in(source: str) -> str | None:
    """The logged model that a version was registered from: ``models:/m-<id>`` says so."""
    model_id = source.removeprefix("models:/")
    return model_id if model_id != source and MODEL_ID.fullmatch(model_id) else None


def canonical_stage(stage: str) -> str:
    """A stage as MLflow writes it, from any case; raises InvalidArgument for another word."""
    for known in STAGES:
        if known.lower() == stage.lower():
            return known
    raise InvalidArgument.unknown("stage", stage, STAGES)


def _match(pattern: re.Pattern[str], kind: str, text: str, rule: str) -> str:
    if not pattern.fullmatch(text):
        raise InvalidArgument(f"{text!r} is no {kind}: {rule}")
    return text
