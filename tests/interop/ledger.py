"""One story of runs and models, which either library writes into a store and either reads back out of it.

It is written in the words that both libraries have, and imported where only one of them is.
"""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LinearRegression

ASKED = [[1.0], [2.0]]
#: Where packages are below a run: logged, among its files, and below a package that was logged.
PACKAGES = ("model", "packages/inner", "wrapped/artifacts/inner")
ONLY_DELETED = 2


def write(library: Any, by: str) -> None:
    """Log and register, under names that begin with ``by``."""
    client = _client(library)
    library.set_experiment(f"{by} nightly")
    with library.start_run(run_name="parent", description="a note\nof two lines", tags={"team/owner": "eva"}) as parent:
        _log(library)
        library.sklearn.log_model(_times(2), "model", registered_model_name=f"{by}-net", pip_requirements=[])
        with library.start_run(run_name="child", nested=True) as child:
            library.log_metric("loss", 0.1)
            library.sklearn.log_model(_times(3), "model", pip_requirements=[])
    with contextlib.suppress(ZeroDivisionError), library.start_run(run_name="failed"):
        raise ZeroDivisionError
    with library.start_run(run_name="gone") as gone:
        library.log_param("depth", 4)
    client.delete_run(gone.info.run_id)
    _register(library, f"{by}-net", parent.info.run_id, child.info.run_id)
    client.create_registered_model(f"{by}-bundle", tags={"team": "core"}, description="of packages")
    source = f"{parent.info.artifact_uri}/packages"
    client.create_model_version(f"{by}-bundle", source, run_id=parent.info.run_id, tags={"size": "small"})
    client.set_registered_model_alias(f"{by}-bundle", "best", "1")


def tell(library: Any) -> dict[str, Any]:
    """All that the store holds, in plain values; ``answers`` are what the packages predict, by every URI they have."""
    client = _client(library)
    experiments = {experiment.experiment_id: experiment for experiment in client.search_experiments()}
    runs = list(client.search_runs(list(experiments)))
    deleted = client.search_runs(list(experiments), run_view_type=ONLY_DELETED)
    models = client.search_registered_models()
    versions = [version for model in models for version in client.search_model_versions(f"name = '{model.name}'")]
    return {
        "experiments": {key: [one.name, one.lifecycle_stage, one.creation_time] for key, one in experiments.items()},
        "runs": {run.info.run_id: _run(client, run) for run in runs},
        "deleted": [[run.info.run_id, run.info.lifecycle_stage, run.data.params] for run in deleted],
        "models": {model.name: _model(model) for model in models},
        "versions": {f"{version.name}/{version.version}": _version(client, version) for version in versions},
        "answers": {uri: _answer(library, uri) for uri in _uris(client, runs, models, versions)},
    }


def _client(library: Any) -> Any:
    return library.Client() if hasattr(library, "Client") else library.MlflowClient()


def _times(factor: float) -> LinearRegression:
    return LinearRegression(fit_intercept=False).fit([[1.0], [2.0]], [factor, 2 * factor])


def _log(library: Any) -> None:
    library.log_params({"depth": 3, "text": "it's ü, with spaces"})
    for step in range(3):
        library.log_metric("loss", 0.5**step, step=step)
    library.log_metrics({"val/acc": 0.9, "odd": math.nan}, step=7)
    library.log_text("hello", "notes/read me.txt")

    class Whole(library.pyfunc.PythonModel):  # type: ignore[misc] # local, so that it is pickled by value
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return [len(model_input)]

    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "packages", "inner")
        library.sklearn.save_model(_times(5), package, pip_requirements=[])
        library.log_artifacts(folder)
        artifacts = {"inner": str(package)}
        library.pyfunc.log_model("wrapped", python_model=Whole(), artifacts=artifacts, pip_requirements=[])


def _register(library: Any, name: str, parent: str, child: str) -> None:
    client = _client(library)
    library.register_model(f"runs:/{child}/model", name, tags={"checked": "yes"})
    library.register_model(f"runs:/{parent}/packages/inner", name)
    library.register_model(f"runs:/{parent}/wrapped", name)
    library.register_model(f"runs:/{parent}/model", name)
    client.delete_model_version(name, "5")
    for alias, version in (("champion", "1"), ("challenger", "3"), ("Never-mind", "2")):
        client.set_registered_model_alias(name, alias, version)
    client.set_registered_model_alias(name, "champion", "2")
    client.delete_registered_model_alias(name, "Never-mind")
    client.transition_model_version_stage(name, "1", "Production")
    client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    client.transition_model_version_stage(name, "3", "Staging")
    client.update_model_version(name, "2", "a description")
    client.set_model_version_tag(name, "2", "size", "größer")
    client.set_registered_model_tag(name, "team", "core")
    client.update_registered_model(name, "nets")


def _run(client: Any, run: Any) -> list[Any]:
    info, data = run.info, run.data
    history = {
        key: [[repr(point.value), point.step, point.timestamp] for point in client.get_metric_history(info.run_id, key)]
        for key in data.metrics
    }
    parent = client.get_parent_run(info.run_id)
    metrics = {key: repr(value) for key, value in data.metrics.items()}
    return [
        [info.experiment_id, info.run_name, info.status, info.user_id, info.start_time, info.end_time],
        [data.params, metrics, data.tags, history],
        parent and parent.info.run_id,
        sorted(_files(client, info.run_id)),
    ]


def _files(client: Any, run_id: str, path: str | None = None) -> Iterator[list[Any]]:
    for file in client.list_artifacts(run_id, path):
        if file.is_dir:
            yield from _files(client, run_id, file.path)
        elif not file.path.endswith("registered_model_meta"):  # MLflow 2 leaves it in a package that it loaded
            yield [file.path, file.file_size]


def _model(model: Any) -> list[Any]:
    latest = {version.current_stage: str(version.version) for version in model.latest_versions}
    aliases = {alias: str(version) for alias, version in model.aliases.items()}
    return [model.description, model.tags, aliases, latest, model.creation_timestamp]


def _version(client: Any, version: Any) -> list[Any]:
    again = client.get_model_version(version.name, version.version)
    assert again.source == version.source
    return [
        [again.source, again.run_id, again.status, again.current_stage, again.description or ""],
        [again.tags, sorted(again.aliases), again.creation_timestamp],
    ]


def _uris(client: Any, runs: Iterable[Any], models: Iterable[Any], versions: Iterable[Any]) -> Iterator[str]:
    """Every way to name a package."""
    for run in runs:
        for name in PACKAGES if run.info.run_name == "parent" else PACKAGES[:1] * (run.info.run_name == "child"):
            yield f"runs:/{run.info.run_id}/{name}"
        if run.info.run_name == "parent":
            yield f"{run.info.artifact_uri}/packages/inner"
    for version in versions:
        below = "/inner" if version.name.endswith("-bundle") else ""
        yield f"models:/{version.name}/{version.version}{below}"
        if version.source.startswith("models:/m-"):
            yield version.source
    for model in models:
        below = "/inner" if model.name.endswith("-bundle") else ""
        yield f"models:/{model.name}/latest{below}"
        yield from (f"models:/{model.name}@{alias}{below}" for alias in model.aliases)
        yield from (f"models:/{model.name}/{version.current_stage.lower()}{below}" for version in model.latest_versions)


def _answer(library: Any, uri: str) -> Any:
    """What a package predicts, or the error where it cannot be loaded."""
    try:
        return np.asarray(library.pyfunc.load_model(uri).predict(ASKED)).tolist()
    except Exception as error:  # noqa: BLE001 - it is told, whatever it is
        return repr(error)
