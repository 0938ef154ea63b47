"""The card and the license of a model of transformers, where they are on this machine; nothing is downloaded."""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

from mlpack.yamlio import dump_yaml

_LICENSES = ("LICENSE", "LICENSE.txt", "LICENSE.md")


def write(name: str, card: Any, folder: Path) -> None:
    """Write ``model_card.md``, ``model_card_data.yaml`` and the license of the model ``name`` into a package.

    They are in the folder that the model was read from, or in the cache of the Hugging Face hub. ``card`` is a
    ``huggingface_hub.ModelCard``, if one was given.
    """
    hub = import_module("huggingface_hub")
    if card is None and (found := _found(hub, name, "README.md")):
        card = hub.ModelCard.load(found)
    if card is not None:
        (folder / "model_card.md").write_text(card.text, "utf-8")
        (folder / "model_card_data.yaml").write_text(dump_yaml(card.data.to_dict()), "utf-8")
    for license in filter(None, (_found(hub, name, file) for file in _LICENSES)):
        shutil.copyfile(license, folder / license.name)


def _found(hub: Any, name: str, file: str) -> Path | None:
    if not name:
        return None
    if Path(name).is_dir():
        return path if (path := Path(name, file)).is_file() else None
    cached = hub.try_to_load_from_cache(name, file)
    return Path(cached) if isinstance(cached, str) else None
