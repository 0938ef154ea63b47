"""Logging to the active run, to a run that is named, or to a new one where none is active.

``synchronous`` is for the sake of scripts that were written for MLflow: what is logged is stored when a call returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from mlpack.client.runs import metric, now
from mlpack.client.transfer import joined
from mlpack.tracking.active import target_run


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:
    """Log a param as text; returns the value. A param that is there cannot change."""
    log_params({key: value})
    return value


def log_params(params: Mapping[str, Any], synchronous: bool | None = None, run_id: str | None = None) -> None:
    """Log params as text."""
    client, run_id = target_run(run_id)
    client.log_batch(run_id, params=params)


def log_metric(
    key: str,
    value: Any,
    step: int | None = None,
    synchronous: bool | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
) -> None:
    """Add a value of a metric: anything that is one number, NaN and infinities included.

    ``step`` is 0 unless given, ``timestamp`` (milliseconds since 1970) now.
    """
    log_metrics({key: value}, step, run_id=run_id, timestamp=timestamp)


def log_metrics(
    metrics: Mapping[str, Any],
    step: int | None = None,
    synchronous: bool | None = None,
    run_id: str | None = None,
    timestamp: int | None = None,
) -> None:
    """Add values of metrics, all at one step and one time."""
    client, run_id = target_run(run_id)
    timestamp = now() if timestamp is None else timestamp
    client.log_batch(run_id, metrics=[metric(key, value, timestamp, step) for key, value in metrics.items()])


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> None:
    """Set a tag as text."""
    set_tags({key: value})


def set_tags(tags: Mapping[str, Any], synchronous: bool | None = None) -> None:
    """Set tags as texts."""
    client, run_id = target_run(None)
    client.log_batch(run_id, tags=tags)


def delete_tag(key: str) -> None:
    """Remove a tag; raises NotInStore where there is none of that name."""
    client, run_id = target_run(None)
    client.delete_tag(run_id, key)


def log_artifact(local_path: str | PathLike[str], artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Store a file, or a folder with its name, in the folder ``artifact_path`` of the run."""
    client, run_id = target_run(run_id)
    client.log_artifact(run_id, local_path, artifact_path)


def log_artifacts(local_dir: str | PathLike[str], artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Store what a folder holds in the folder ``artifact_path`` of the run."""
    client, run_id = target_run(run_id)
    client.log_artifacts(run_id, local_dir, artifact_path)


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Store a text as a file of the run."""
    client, run_id = target_run(run_id)
    client.log_text(run_id, text, artifact_file)


def log_dict(dictionary: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Store plain data as a file of the run: YAML where it is called so, else JSON."""
    client, run_id = target_run(run_id)
    client.log_dict(run_id, dictionary, artifact_file)


def log_figure(figure: Any, artifact_file: str, *, save_kwargs: dict[str, Any] | None = None) -> None:
    """Store a figure of Matplotlib or Plotly as the kind of file that the suffix of ``artifact_file`` says."""
    client, run_id = target_run(None)
    client.log_figure(run_id, figure, artifact_file, save_kwargs=save_kwargs)


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Where the active run keeps its files, or one of them."""
    client, run_id = target_run(None)
    return joined_uri(client.get_run(run_id).info.artifact_uri, artifact_path)


def joined_uri(uri: str, path: str | None) -> str:
    """A place below a URI."""
    below = joined(path)
    return f"{uri.rstrip('/')}/{below}" if below else uri
