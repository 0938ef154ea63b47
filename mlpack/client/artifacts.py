"""The files of a run: stored, listed and fetched."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Any

from mlpack.client.runs import RunCalls
from mlpack.client.transfer import fetch_or_find, joined, write_folder
from mlpack.errors import InvalidArgument
from mlpack.stores.artifacts import ArtifactFile, Artifacts
from mlpack.stores.places import open_told
from mlpack.yamlio import dump_yaml


class ArtifactCalls(RunCalls):
    """The part of a client that is about files; their paths are relative to the run's own folder, with slashes."""

    def log_artifact(self, run_id: str, local_path: str | PathLike[str], artifact_path: str | None = None) -> None:
        """Store a file, or a folder with its name, in the folder ``artifact_path`` of a run."""
        local = Path(local_path)
        target = joined(artifact_path, local.absolute().name)
        if local.is_dir():
            self.log_artifacts(run_id, local, target)
        elif local.is_file():
            self._artifacts(run_id).write(local, target)
        else:
            raise InvalidArgument(f"{local} is no file and no folder")

    def log_artifacts(self, run_id: str, local_dir: str | PathLike[str], artifact_path: str | None = None) -> None:
        """Store what a folder holds in the folder ``artifact_path`` of a run."""
        folder = Path(local_dir)
        if not folder.is_dir():
            raise InvalidArgument(f"{folder} is no folder")
        write_folder(self._artifacts(run_id), folder, artifact_path or "")

    def log_text(self, run_id: str, text: str, artifact_file: str) -> None:
        """Store a text as a file."""
        with tempfile.TemporaryDirectory(prefix="mlpack-") as folder:
            local = Path(folder, "text")
            local.write_text(text, "utf-8", newline="")
            self._artifacts(run_id).write(local, artifact_file)

    def log_dict(self, run_id: str, dictionary: Any, artifact_file: str) -> None:
        """Store plain data as YAML where the file is called so, else as JSON; what JSON has no word for as its text."""
        if PurePosixPath(artifact_file).suffix in (".yaml", ".yml"):
            text = dump_yaml(dictionary)
        else:
            text = json.dumps(dictionary, indent=2, default=str)
        self.log_text(run_id, text, artifact_file)

    def log_figure(
        self, run_id: str, figure: Any, artifact_file: str, *, save_kwargs: dict[str, Any] | None = None
    ) -> None:
        """Store a figure of Matplotlib or Plotly as the kind of file that its suffix says (``.png``, ``.html``, ...).

        ``save_kwargs`` go to the figure's own ``savefig``, ``write_html`` or ``write_image``.
        """
        options = dict(save_kwargs or {})
        suffix = PurePosixPath(artifact_file).suffix
        with tempfile.TemporaryDirectory(prefix="mlpack-") as folder:
            local = Path(folder, f"figure{suffix}")
            if hasattr(figure, "savefig"):
                figure.savefig(local, **options)
            elif not hasattr(figure, "write_html"):
                raise InvalidArgument(f"a {type(figure).__name__} is no figure of Matplotlib or Plotly")
            elif suffix == ".html":
                figure.write_html(local, **{"include_plotlyjs": "cdn", **options})
            else:
                figure.write_image(local, **options)
            self._artifacts(run_id).write(local, artifact_file)

    def list_artifacts(self, run_id: str, path: str | None = None) -> Sequence[ArtifactFile]:
        """What a run, or a folder of it, holds."""
        return self._artifacts(run_id).list(path or "")

    def download_artifacts(self, run_id: str, path: str = "", dst_path: str | PathLike[str] | None = None) -> str:
        """Fetch a file or folder of a run; where it is then on this machine.

        Without ``dst_path`` that is the store's own file or folder where it is on this machine (not to be changed),
        else a new temporary folder.

        Raises:
            PackageNotFound: the run has no such file.
        """
        return str(fetch_or_find(self._artifacts(run_id), path, None if dst_path is None else Path(dst_path)))

    def _artifacts(self, run_id: str) -> Artifacts:
        return self.open_artifacts(self.get_run(run_id).info.artifact_uri)

    def open_artifacts(self, uri: str) -> Artifacts:
        """The files below a URI that this client's store told."""
        return open_told(uri, self._tracking)
