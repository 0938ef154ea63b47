"""A framework that is not installed: the error says which, and the command that installs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlpack import plugins
from mlpack.errors import MissingFramework
from mlpack.flavor import Flavor

FRAMEWORKS = [name for name in plugins.BUILT_IN if name != "python_function"]


@pytest.fixture(params=FRAMEWORKS)
def flavor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Flavor[object]:
    """A flavor whose framework cannot be imported."""
    found = plugins.get(request.param)
    monkeypatch.setitem(sys.modules, found.modules[0], None)
    return found


def test_saving_says_what_to_install(flavor: Flavor[object], tmp_path: Path) -> None:
    with pytest.raises(MissingFramework, match=flavor.distribution) as error:
        flavor.save_model(object(), tmp_path / "model")
    assert error.value.tip == f"pip install 'mlpack-models[{flavor.extra}]'"
    assert not (tmp_path / "model").exists()


def test_loading_says_what_to_install(flavor: Flavor[object], tmp_path: Path) -> None:
    package = tmp_path / "model"
    package.mkdir()
    (package / "MLmodel").write_text(f"flavors: {{{flavor.name}: {{data: data}}}}\n")
    (package / "data").mkdir()
    with pytest.raises(MissingFramework, match=flavor.distribution) as error:
        flavor.load_model(package)
    assert error.value.tip == f"pip install 'mlpack-models[{flavor.extra}]'"
