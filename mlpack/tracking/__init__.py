"""Runs, as a training script logs them: one active run for each thread, one store, one experiment.

All that is listed here is an attribute of ``mlpack`` too.

>>> import mlpack
>>> with mlpack.start_run(run_name="first"):  # doctest: +SKIP
...     mlpack.log_param("depth", 3)
...     mlpack.log_metric("accuracy", 0.97)
...     mlpack.sklearn.log_model(model, "model", registered_model_name="iris")
"""

from mlpack.client import Client, MlpackClient
from mlpack.stores.configured import get_registry_uri, get_tracking_uri, set_registry_uri, set_tracking_uri
from mlpack.tracking.active import ActiveRun, active_run, end_run, last_active_run, start_run
from mlpack.tracking.experiments import (
    create_experiment,
    get_experiment,
    get_experiment_by_name,
    search_experiments,
    set_experiment,
)
from mlpack.tracking.recording import (
    delete_tag,
    get_artifact_uri,
    log_artifact,
    log_artifacts,
    log_dict,
    log_figure,
    log_metric,
    log_metrics,
    log_param,
    log_params,
    log_text,
    set_tag,
    set_tags,
)
from mlpack.tracking.registering import register_model
from mlpack.tracking.searching import delete_run, get_parent_run, get_run, search_runs

__all__ = [
    "ActiveRun",
    "Client",
    "MlpackClient",
    "active_run",
    "create_experiment",
    "delete_run",
    "delete_tag",
    "end_run",
    "get_artifact_uri",
    "get_experiment",
    "get_experiment_by_name",
    "get_parent_run",
    "get_registry_uri",
    "get_run",
    "get_tracking_uri",
    "last_active_run",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "log_text",
    "register_model",
    "search_experiments",
    "search_runs",
    "set_experiment",
    "set_registry_uri",
    "set_tag",
    "set_tags",
    "set_tracking_uri",
    "start_run",
]
