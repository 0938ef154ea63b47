"""Models written in plain Python: the class to derive from, what it gets, and functions as models."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.predict_functions import pyfunc

#: MLflow's classes whose ``predict`` is called in another way.
_CHAT = {"ChatModel", "ChatAgent", "ResponsesAgent"}


class PythonModelContext:
    """What a package brings for its model: ``artifacts`` (name -> absolute path) and ``model_config``."""

    def __init__(self, artifacts: Mapping[str, str], model_config: Mapping[str, Any] | None) -> None:
        self._artifacts = dict(artifacts)
        self._model_config = dict(model_config or {})

    @property
    def artifacts(self) -> dict[str, str]:
        """The absolute path of each artifact, by its name."""
        return self._artifacts

    @property
    def model_config(self) -> dict[str, Any]:
        """The configuration that was saved with the model, with what was overridden when it was loaded."""
        return self._model_config


class PythonModel:
    """Derive from this class to make a model of any Python code.

    ``predict`` may leave out ``context`` and ``params``. Where its input has a type hint ``list[...]``, data are
    checked against the hint before every call. Saving pickles the instance with what it holds.
    """

    #: Say True where ``predict`` gives one prediction for each row, whatever the other rows are: the server then
    #: predicts requests that wait together.
    batchable: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = vars(cls).get("predict")
        if isinstance(own, FunctionType):
            cls.predict = pyfunc(own)  # type: ignore[method-assign]

    def load_context(self, context: PythonModelContext) -> None:
        """Open the artifacts; called once, when the model is loaded."""

    def predict(self, context: PythonModelContext, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict on data as the signature says, or on what came where there is none."""
        raise NotImplementedError(f"{type(self).__name__} has no predict")

    def predict_stream(
        self, context: PythonModelContext, model_input: Any, params: dict[str, Any] | None = None
    ) -> Iterator[Any]:
        """Predict on one input, piece by piece."""
        raise NotImplementedError(f"{type(self).__name__} has no predict_stream")


class FunctionModel(PythonModel):
    """A function of one argument as a model; MLflow knows such models as ``_FunctionPythonModel``."""

    def __init__(self, func: Callable[[Any], Any]) -> None:
        self.func = pyfunc(func)
        self.signature = None  # MLflow looks at it

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        """Call the function, which takes no params."""
        return self.func(model_input)


def as_model(given: object) -> PythonModel:
    """The model in what a user calls one: an instance of PythonModel, of MLflow's class of that name, or a function.

    Raises:
        InvalidArgument: it is something else, or it cannot predict.
    """
    if isinstance(given, type):
        raise InvalidArgument(f"{given.__name__} is a class", tip=f"give an instance of it: {given.__name__}()")
    if isinstance(given, PythonModel) or hasattr(given, "load_context"):
        kinds = {each.__name__ for each in type(given).__mro__ if each.__module__ == "mlflow.pyfunc.model"}
        if kinds & _CHAT:
            raise InvalidArgument(
                f"{type(given).__name__} is a {', '.join(kinds & _CHAT)} of MLflow: not supported here"
            )
        if getattr(type(given), "predict", None) is PythonModel.predict and "predict" not in vars(given):
            raise InvalidArgument(f"{type(given).__name__} has no predict")
        return given  # type: ignore[return-value]  # MLflow's own class has the same methods
    if callable(given):
        return _of_function(given)
    raise InvalidArgument(
        f"an object of type {type(given).__name__} is no model; give a PythonModel, a function or the path of a file"
    )


def predict_function(model: PythonModel) -> Callable[..., Any]:
    """The function of the user's that predicts, whose type hints tell what it takes."""
    return model.func if isinstance(model, FunctionModel) else model.predict


def streams(model: PythonModel) -> bool:
    """Whether the class of a model has a ``predict_stream`` of its own."""
    owner = next((each for each in type(model).__mro__ if "predict_stream" in vars(each)), None)
    return owner is not None and owner.__module__ not in (__name__, "mlflow.pyfunc.model")


def _of_function(function: Callable[..., Any]) -> PythonModel:
    names = list(inspect.signature(function).parameters)
    if len([name for name in names if name not in ("context", "params")]) != 1:
        raise InvalidArgument(
            f"a function as a model takes its input, and may take context and params; this one takes {', '.join(names)}"
        )
    if len(names) == 1:
        return FunctionModel(function)
    # MLflow calls what it finds under this name, with context and params where the function takes them.
    model = PythonModel()
    model.predict = pyfunc(function)  # type: ignore[method-assign]
    return model
