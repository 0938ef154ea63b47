"""What a store of runs and models can do. A file store and an MLflow server can all of it; a database is read only.

Every method raises NotInStore where a run, model, version or alias is not there, and StoreFailure where the store
cannot be reached or written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from mlpack.entities import Experiment, LoggedModel, Metric, ModelVersion, Page, RegisteredModel, Run
from mlpack.errors import StoreFailure


class NoLoggedModels(StoreFailure):
    """The server is of a release before logged models: packages go below the artifacts of their run."""

    def __init__(self, server: str) -> None:
        super().__init__(f"{server} has no logged models, being older than MLflow 3")


class Store(ABC):
    """Runs, logged models and the registry at one tracking URI."""

    def __init__(self, uri: str) -> None:
        #: The tracking URI as it was given.
        self.uri = uri

    # --- experiments

    @abstractmethod
    def get_experiment(self, experiment_id: str) -> Experiment:
        """The experiment of that id."""

    @abstractmethod
    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """The experiment of that name, deleted ones included, or None."""

    @abstractmethod
    def search_experiments(self, *, deleted: bool | None = False) -> list[Experiment]:
        """All active (or all deleted, or with None simply all) experiments, newest first."""

    @abstractmethod
    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] | None = None
    ) -> str:
        """Make an experiment; its id."""

    # --- runs

    @abstractmethod
    def get_run(self, run_id: str) -> Run:
        """The run of that id, deleted ones included."""

    @abstractmethod
    def search_runs(
        self,
        experiment_ids: Sequence[str],
        *,
        filter_string: str = "",
        deleted: bool | None = False,
        max_results: int = 1000,
        order_by: Sequence[str] = (),
        page_token: str | None = None,
    ) -> Page[Run]:
        """Runs that fit MLflow's filter language, newest first unless ordered otherwise; with None deleted ones too."""

    @abstractmethod
    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """Every value of a metric, in the order of logging."""

    @abstractmethod
    def create_run(
        self, experiment_id: str, *, run_name: str, user_id: str, start_time: int, tags: Mapping[str, str]
    ) -> Run:
        """Start a run."""

    @abstractmethod
    def update_run(
        self, run_id: str, *, status: str | None = None, end_time: int | None = None, run_name: str | None = None
    ) -> None:
        """Change a run's status, end or name."""

    @abstractmethod
    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Add metrics, params and tags to a run. A param cannot change: another value is an InvalidArgument."""

    @abstractmethod
    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag of a run."""

    @abstractmethod
    def set_run_lifecycle(self, run_id: str, stage: str) -> None:
        """Delete or restore a run: ``deleted`` or ``active``."""

    # --- logged models

    @abstractmethod
    def get_logged_model(self, model_id: str) -> LoggedModel:
        """The logged model of that id."""

    @abstractmethod
    def search_logged_models(
        self, experiment_ids: Sequence[str], *, name: str | None = None, source_run_id: str | None = None
    ) -> list[LoggedModel]:
        """Logged models of experiments, newest first; all, or those of one name, or of one run."""

    @abstractmethod
    def create_logged_model(
        self,
        experiment_id: str,
        name: str,
        *,
        source_run_id: str | None,
        model_type: str | None = None,
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> LoggedModel:
        """Announce a package that is going to be stored (PENDING), as an output of its run."""

    @abstractmethod
    def finalize_logged_model(self, model_id: str, status: str) -> LoggedModel:
        """Say that all its files are there (READY), or never will be (FAILED)."""

    @abstractmethod
    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, str]) -> None:
        """Set tags of a logged model."""

    # --- registry

    @abstractmethod
    def get_registered_model(self, name: str) -> RegisteredModel:
        """The registered model of that name."""

    @abstractmethod
    def search_registered_models(
        self,
        *,
        filter_string: str = "",
        max_results: int = 100,
        order_by: Sequence[str] = (),
        page_token: str | None = None,
    ) -> Page[RegisteredModel]:
        """Registered models that fit MLflow's filter language, by name unless ordered otherwise."""

    @abstractmethod
    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """One version."""

    @abstractmethod
    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias names."""

    @abstractmethod
    def get_latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """The highest version in each stage; only of ``stages`` (any case) where some are given."""

    def get_latest_version(self, name: str) -> ModelVersion | None:
        """The highest version, whatever its stage; None where there is none."""
        return max(self.get_latest_versions(name), key=lambda version: int(version.version), default=None)

    @abstractmethod
    def search_model_versions(
        self,
        *,
        filter_string: str = "",
        max_results: int = 10_000,
        order_by: Sequence[str] = (),
        page_token: str | None = None,
    ) -> Page[ModelVersion]:
        """Versions that fit MLflow's filter language, newest first unless ordered otherwise."""

    @abstractmethod
    def create_registered_model(
        self, name: str, *, description: str | None = None, tags: Mapping[str, str] | None = None
    ) -> RegisteredModel:
        """Make a name; AlreadyInStore where it is taken."""

    @abstractmethod
    def update_registered_model(self, name: str, *, description: str) -> RegisteredModel:
        """Change its description."""

    @abstractmethod
    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Change its name."""

    @abstractmethod
    def delete_registered_model(self, name: str) -> None:
        """Remove a name with all its versions."""

    @abstractmethod
    def create_model_version(
        self,
        name: str,
        source: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
        run_link: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> ModelVersion:
        """Register a package as the next version of a name that exists."""

    @abstractmethod
    def update_model_version(self, name: str, version: str, *, description: str) -> ModelVersion:
        """Change its description."""

    @abstractmethod
    def transition_model_version_stage(
        self, name: str, version: str, stage: str, *, archive_existing_versions: bool = False
    ) -> ModelVersion:
        """Move a version to a stage."""

    @abstractmethod
    def delete_model_version(self, name: str, version: str) -> None:
        """Remove a version; its number is not given again while a higher one is there."""

    @abstractmethod
    def set_registered_model_alias(self, name: str, alias: str, version: str) -> None:
        """Point an alias at a version, atomically."""

    @abstractmethod
    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias; one that is not there is no error."""

    @abstractmethod
    def set_registry_tag(self, name: str, key: str, value: str, *, version: str | None = None) -> None:
        """Set a tag of a registered model, or of one of its versions."""

    @abstractmethod
    def delete_registry_tag(self, name: str, key: str, *, version: str | None = None) -> None:
        """Remove a tag of a registered model, or of one of its versions."""
