"""A distribution of somebody else's that registers flavors, on the path as if it were installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlpack import plugins

MODULE = '''
"""Flavors of the company Acme."""
from mlpack.flavor import Flavor, Written


class Acme(Flavor[str]):
    """Texts."""

    name = "acme"
    distribution = "mlpack-acme"
    modules = ("mlpack_acme",)
    model_argument = "text"

    def write(self, model, folder):
        (folder / "text").write_text(model)
        return Written.to("text")

    def read(self, folder, section, config):
        return self.data(folder, section).read_text()

    def predictor(self, model, section, config):
        return lambda data, params: [model] * len(data)


flavor = Acme()
'''


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, entries: str) -> Iterator[None]:
    """Put ``mlpack-acme 2.1`` on the path, with these lines of entry points; takes it off again when it goes on."""
    (folder / "mlpack_acme.py").write_text(MODULE)
    info = folder / "mlpack_acme-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mlpack-acme\nVersion: 2.1\n")
    (info / "RECORD").write_text("mlpack_acme.py,,\n")
    (info / "entry_points.txt").write_text(f"[mlpack.flavors]\n{entries}\n")
    monkeypatch.syspath_prepend(folder)
    _forget()
    yield
    _forget()


def _forget() -> None:
    plugins.third_party.cache_clear()
    plugins.get.cache_clear()
    for name in ("mlpack.acme", "mlpack_acme"):
        sys.modules.pop(name, None)
    vars(sys.modules["mlpack"]).pop("acme", None)
