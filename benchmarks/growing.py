"""Large stores, made fast: one entry of each kind is made by the store itself, all others are copies of its file."""

from __future__ import annotations

import os
from pathlib import Path

from mlpack.stores.file_store import FileStore

NAME, ALIAS, STAGE, PATH = "net", "champion", "Production", "model"


def id_of(number: int) -> str:
    """The id of a run; with a letter at its front, as YAML would take one of digits for a number."""
    return f"a{number:031x}"


class GrowingStore:
    """A file store whose run number n logged the model that is version n; later runs logged none."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root.parent / "package"
        self.package.mkdir()
        (self.package / "MLmodel").write_text("flavors: {}\n")
        self._store = FileStore(root.as_uri(), root)
        self._made = self._first()
        self._counts = dict.fromkeys(self._made, 1)

    def _first(self) -> dict[str, tuple[Path, str]]:
        """For each kind of entry the folder of the first, and its meta.yaml with places for what numbers it."""
        store = self._store
        run = store.create_run("0", run_name="run", user_id="me", start_time=1, tags={})
        run_id = run.info.run_id
        store.update_run(run_id, status="FINISHED", end_time=2)
        model = store.create_logged_model("0", PATH, source_run_id=run_id)
        store.finalize_logged_model(model.model_id, "READY")
        store.create_registered_model(NAME)
        store.create_model_version(NAME, model.model_uri)
        runs, models, versions = (self.root / part for part in ("0", "0/models", f"models/{NAME}"))
        texts = [folder / "meta.yaml" for folder in (runs / run_id, models / model.model_id, versions / "version-1")]
        places = {
            model.artifact_location: self.package.as_uri(),
            model.model_id: "m-@ID",
            run_id: "@ID",
            "version: 1\n": "version: @N\n",
        }
        made = [_replaced(text.read_text(), places) for text in texts]
        return dict(zip(("run", "model", "version"), zip((runs, models, versions), made, strict=True), strict=True))

    def grow(self, versions: int, runs: int) -> None:
        """Up to that many; the alias names the version in the middle, and the second is in the stage."""
        for number in self._next("run", runs):
            self._add("run", id_of(number), number, ("metrics", "params", "tags", "artifacts"))
        for number in self._next("model", versions):
            self._add("model", f"m-{id_of(number)}", number, ("metrics", "params", "tags"))
        for number in self._next("version", versions):
            self._add("version", f"version-{number}", number, ())
        self._store.set_registered_model_alias(NAME, ALIAS, str(versions // 2))
        self._store.transition_model_version_stage(NAME, "2", STAGE)

    def _next(self, kind: str, count: int) -> range:
        start, self._counts[kind] = self._counts[kind] + 1, count
        return range(start, count + 1)

    def _add(self, kind: str, name: str, number: int, parts: tuple[str, ...]) -> None:
        parent, text = self._made[kind]
        folder = f"{parent}{os.sep}{name}"
        for part in ("", *parts):
            os.mkdir(f"{folder}{os.sep}{part}")  # noqa: PTH102 - hundreds of thousands of them
        with open(f"{folder}{os.sep}meta.yaml", "w") as file:  # noqa: PTH123
            file.write(_replaced(text, {"@ID": id_of(number), "@N": str(number)}))


def _replaced(text: str, places: dict[str, str]) -> str:
    for old, new in places.items():
        text = text.replace(old, new)
    return text
