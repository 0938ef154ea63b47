"""What a flavor implements: how the models of one framework are written, read and asked for predictions.

Everything that flavors share (arguments, checks, signature, example, environment files, manifest, digests, the atomic
rename) lives in the one save pipeline and the one load pipeline, so a flavor is a small class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, final

from mlpack.errors import InvalidArgument, MissingFramework
from mlpack.imports import find_module
from mlpack.trust import inside

if TYPE_CHECKING:
    from os import PathLike

    from mlpack.models.info import ModelInfo
    from mlpack.signature import ModelSignature

M = TypeVar("M")

#: ``(data, params) -> predictions``, on data that already fit the signature.
Predictor = Callable[[Any, dict[str, Any] | None], Any]


@dataclass(frozen=True)
class Written:
    """What a flavor says of the files it wrote.

    ``section`` is its own part of the manifest (None where it has no part but ``python_function``); ``pyfunc`` is what
    it adds to ``python_function`` (None where the model cannot predict); ``modules`` are top-level modules that the
    files need and that reading them does not show; ``signature`` is what the model's own type hints say, and
    ``default_signature`` that of a model for which neither a signature nor an example is given.
    """

    section: dict[str, Any] | None
    pyfunc: dict[str, Any] | None = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    signature: ModelSignature | None = None
    default_signature: ModelSignature | None = None

    @classmethod
    def to(cls, name: str, *, modules: Iterable[str] = (), **section: Any) -> Written:
        """A model in the one file or folder ``name``, which both parts of the manifest call ``data``."""
        return cls({"data": name, **section}, {"data": name}, frozenset(modules))


class Flavor(ABC, Generic[M]):
    """One framework. Subclasses say what differs; the public verbs are final and the same for every flavor."""

    #: The key in the manifest and the attribute of ``mlpack``.
    name: ClassVar[str]
    #: The framework's distribution: what to suggest when it is missing.
    distribution: ClassVar[str]
    #: Our extra that installs it.
    extra: ClassVar[str | None] = None
    #: Modules whose distributions every model of the flavor needs; the first is the framework.
    modules: ClassVar[tuple[str, ...]]
    #: The key under which its section of the manifest has the framework's version, if it has one.
    version_key: ClassVar[str | None] = None
    #: What the manifest names as loader: a module of MLflow for a flavor that it has, so that it loads the package with
    #: no mlpack installed; else ``mlpack.<name>``, through which it loads the package with mlpack.
    loader_module: ClassVar[str]
    #: Its models are plain computation, ``predict(a + b) == predict(a) + predict(b)``: requests may be predicted
    #: together, and on the event loop where that is quick.
    row_wise: ClassVar[bool] = False
    #: A model that is loaded still works in processes that are forked afterwards: workers share one.
    forkable: ClassVar[bool] = False
    #: The predictor takes a :class:`mlpack.table.Table` where the signature has columns; else it gets a DataFrame.
    takes_table: ClassVar[bool] = False
    #: The keyword by which people who come from MLflow name the model (``sk_model``).
    model_argument: ClassVar[str]

    def __init_subclass__(cls) -> None:
        if not hasattr(cls, "loader_module"):
            cls.loader_module = f"mlpack.{cls.name}"

    @abstractmethod
    def write(self, model: M, folder: Path, *_: Any, **options: Any) -> Written:
        """Write the model's files into an existing folder; keyword-only parameters are the flavor's own options.

        One that declares ``model_config``, ``code_paths`` or ``input_example`` is given those of the package.
        """

    @abstractmethod
    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> M:
        """Read the model back; ``section`` is the flavor's own part of the manifest, or ``python_function``'s."""

    def predictor(self, model: M, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """The function that predicts with a model as read; ``section`` is the manifest's ``python_function``.

        Unless a flavor has its own, it is the model's ``predict``, which is given the data alone.
        """
        predict: Callable[[Any], Any] = getattr(model, "predict")  # noqa: B009  M is of any type
        return lambda data, params: predict(data)

    def is_row_wise(self, model: M) -> bool:
        """Whether the rows of ``model``, as read, are predicted independently: one of a row-wise flavor may be an
        exception, and one of another flavor too."""
        return self.row_wise

    def stream_predictor(
        self, model: M, section: Mapping[str, Any], config: Mapping[str, Any]
    ) -> Callable[[Any, dict[str, Any] | None], Iterator[Any]] | None:
        """The function that predicts piece by piece, or None where the model cannot."""
        return None

    def unwrap(self, model: M) -> Any:
        """What the user saved, from what ``read`` gave: the same, but where reading wraps it."""
        return model

    @final
    def framework(self, module: str = "") -> Any:
        """A module of the framework, the main one unless named; raises MissingFramework where it is not installed."""
        try:
            return import_module(module or self.modules[0])
        except ModuleNotFoundError as error:
            needed_for = f"a model of the flavor {self.name}"
            missing = self.distribution if error.name == self.modules[0].partition(".")[0] else str(error.name)
            extra = self.extra if error.name in self.modules else None  # which has what every model needs
            raise MissingFramework(missing, needed_for=needed_for, extra=extra) from error

    @final
    def check_installed(self) -> None:
        """Raise MissingFramework where the framework is not installed; imports nothing."""
        if find_module(self.modules[0])[1] is None:
            raise self.missing()

    @final
    def missing(self) -> MissingFramework:
        """The error that says that the framework is not installed, whose tip is the command that installs it."""
        return MissingFramework(self.distribution, needed_for=f"a model of the flavor {self.name}", extra=self.extra)

    @final
    def is_usable(self) -> bool:
        """Whether all the modules that its models need are installed here; imports none of them."""
        return all(find_module(name)[1] is not None for name in self.modules)

    @final
    def data(self, folder: Path, section: Mapping[str, Any], default: str | None = None) -> Path:
        """The file or folder that ``section`` calls ``data``; raises UnsafePackage where it would be elsewhere."""
        return inside(folder, section.get("data") or default, key=f"{self.name}.data")

    @final
    def save_model(  # noqa: PLR0913  what every flavor takes, spelled once, for help() and editors
        self,
        model: M | None = None,
        path: str | PathLike[str] | None = None,
        *,
        signature: ModelSignature | bool | None = None,
        input_example: Any = None,
        pip_requirements: list[str] | str | None = None,
        extra_pip_requirements: list[str] | str | None = None,
        conda_env: Mapping[str, Any] | str | None = None,
        code_paths: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        model_config: Mapping[str, Any] | str | None = None,
        **options: Any,
    ) -> None:
        """Write ``model`` as a package to ``path``, whole or not at all.

        ``path`` must not exist or be an empty folder. ``signature`` is inferred from ``input_example`` unless given;
        False leaves it out. ``input_example`` is data as ``predict`` takes it, or ``(data, params)``. Of
        ``conda_env`` and the two lists of requirements only one kind may be given; with none, requirements are
        inferred from what the model imports. ``options`` are the flavor's own (see its ``write``).

        Raises:
            InvalidArgument: an option is unknown, missing or contradicts another.
            TargetNotEmpty: something is at ``path`` already.
        """
        from mlpack.saving import SaveRequest, save

        request = SaveRequest(
            signature=signature,
            input_example=input_example,
            pip_requirements=pip_requirements,
            extra_pip_requirements=extra_pip_requirements,
            conda_env=conda_env,
            code_paths=code_paths,
            metadata=metadata,
            model_config=model_config,
            options=options,
        )
        save(self, model, path, request)

    @final
    def log_model(  # noqa: PLR0913  as people know it from MLflow
        self,
        model: M | None = None,
        artifact_path: str | None = None,
        *,
        name: str | None = None,
        registered_model_name: str | None = None,
        model_type: str | None = None,
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        await_registration_for: int | None = None,
        **saving: Any,
    ) -> ModelInfo:
        """Package ``model`` and keep it in the store that is configured, as an output of the active run, if any.

        ``name`` is what the run calls it (``runs:/<run_id>/<name>``; ``artifact_path`` is the older word), ``model``
        unless given. With ``registered_model_name`` it also becomes the next version of that name. ``model_type``,
        ``params`` and ``tags`` are kept with it. ``await_registration_for``, which scripts for MLflow may give, changes
        nothing: a version is ready when this returns. ``saving`` are the arguments of :meth:`save_model` but its path.

        Raises:
            InvalidArgument: an option is unknown, missing or contradicts another.
            StoreFailure: the store cannot be reached or written.
        """
        from mlpack.saving import SaveRequest
        from mlpack.stores.names import check_model_name
        from mlpack.tracking.models import LogRequest, log

        if name is not None and artifact_path is not None:
            raise InvalidArgument("the model was named twice: as name and as artifact_path", tip="give only name")
        if registered_model_name is not None:  # before the work of packaging
            check_model_name(registered_model_name)
        called = name or artifact_path or "model"
        request = LogRequest(called, registered_model_name, model_type, params or {}, tags or {})
        return log(self, model, request, SaveRequest.of(saving))

    @final
    def load_model(self, model_uri: str | PathLike[str]) -> M:
        """Load the framework's own model from a package.

        Raises:
            PackageNotFound: nothing is at ``model_uri``.
            UnknownFlavor: the package has no part of this flavor.
            InvalidPackage: the package cannot be used, or is not what was saved.
        """
        from mlpack.loading import load_native

        model: M = load_native(model_uri, self)
        return model
