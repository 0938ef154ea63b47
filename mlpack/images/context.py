"""The folder that an image is built from: a Dockerfile, what its first stage installs, and the model."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from mlpack.files import walk, whole_folder
from mlpack.images.dockerfile import Plan, render, template
from mlpack.own_wheel import own_wheel

#: The earliest time that a zip file can say: a file's time is part of its layer.
_TIME = 315532800
#: Where the model is in an image: where SageMaker puts models too.
MODEL = Path("opt", "ml", "model")
_PIP_CONF, _CA_BUNDLE = "pip.conf", "ca.pem"


@dataclass(frozen=True)
class Ingredients:
    """What goes into an image beside the plan.

    ``model`` is a package, None where it comes when a container starts. ``wheels`` are all that ``lock`` names, None
    where they are fetched while building, by ``pip_conf`` and ``ca_bundle``, which stay in the first stage.
    """

    lock: str
    model: Path | None = None
    wheels: tuple[Path, ...] | None = None
    pip_conf: Path | None = None
    ca_bundle: Path | None = None


def write_context(folder: Path, plan: Plan, ingredients: Ingredients) -> None:
    """Write the folder, whole or not at all; the same plan and ingredients give the same bytes and times."""
    with whole_folder(folder) as part:
        (part / "Dockerfile").write_text(render(plan), "utf-8")
        build = part / "build"
        build.mkdir()
        shutil.copyfile(template("assemble.py"), build / "assemble.py")
        (build / "requirements.lock").write_text(ingredients.lock, "utf-8")
        own_wheel(build)
        for name, source in ((_PIP_CONF, ingredients.pip_conf), (_CA_BUNDLE, ingredients.ca_bundle)):
            if source is not None:
                shutil.copyfile(source, build / name)
        if ingredients.wheels is not None:
            (build / "wheels").mkdir()
            for wheel in ingredients.wheels:
                shutil.copyfile(wheel, build / "wheels" / wheel.name)
        if ingredients.model is not None:
            shutil.copytree(ingredients.model, part / "model" / MODEL, ignore=shutil.ignore_patterns("__pycache__"))
        _settle(part)


def _settle(folder: Path) -> None:
    """Give all files one time, and permissions that do not depend on who writes them; passwords are not for all."""
    for path in sorted((*walk(folder), folder), reverse=True):  # what is in a folder comes before it
        secret = path == folder / "build" / _PIP_CONF
        path.chmod(0o755 if path.is_dir() else 0o600 if secret else 0o644)
        os.utime(path, (_TIME, _TIME))
