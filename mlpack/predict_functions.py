"""How a user's predict function is to be called: with a context or not, with params or not, on checked data or not."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Collection, Iterator
from functools import update_wrapper
from types import MethodType
from typing import Any, get_type_hints

from mlpack import standins
from mlpack.datatypes import AnyType
from mlpack.errors import InvalidInput
from mlpack.schema import ColSpec, Schema
from mlpack.signature import ModelSignature
from mlpack.type_hints import conform_argument, is_checked, schema_of

#: The parameters that are never the model's input.
_OTHERS = ("self", "params")


def takes_context(names: Collection[str]) -> bool:
    """Whether a predict function with parameters of these names is called with the model's context first.

    It is where one is called ``context``, or where there are two beside ``params``. Source: MLflow 2.20 and later.
    """
    return "context" in names or sum(name not in _OTHERS for name in names) == 2


def hints_of(function: Callable[..., Any]) -> tuple[str, Any, Any]:
    """The name of the input of a predict function, its type hint and that of the answer; None where there is none."""
    names = [name for name in inspect.signature(function).parameters if name not in _OTHERS]
    name = names[takes_context(names)] if len(names) > takes_context(names) else ""
    try:
        hints = get_type_hints(function)
    except Exception:  # noqa: BLE001  hints are expressions of the user's that may fail in any way; then they say nothing
        hints = {}
    return name, hints.get(name), hints.get("return")


def signature_of(function: Callable[..., Any]) -> ModelSignature | None:
    """The signature that the type hints of a predict function stand for, or None where they do not say enough."""
    _, given, answer = hints_of(function)
    if not is_checked(given):
        return None
    return ModelSignature(schema_of(given), schema_of(answer) or Schema([ColSpec(AnyType())]))


def pyfunc(function: Callable[..., Any]) -> Callable[..., Any]:
    """Have a predict function check its input against its type hint; one without such a hint stays what it is.

    The checked function pickles as a call of MLflow's decorator of this name, so that MLflow checks in its own way.
    """
    name, hint, _ = hints_of(function)
    return CheckedFunction(function, name, hint) if is_checked(hint) else function


class CheckedFunction:
    """A predict function, as an attribute of a class or on its own, that gets data as its type hint wants them."""

    __wrapped__: Callable[..., Any]

    def __init__(self, function: Callable[..., Any], name: str, hint: Any) -> None:
        update_wrapper(self, function)
        self._name = name
        self._position = list(inspect.signature(function).parameters).index(name)
        self._hint = hint

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function; raises InvalidInput where the input does not fit the hint."""
        args, kwargs = conform_argument(args, kwargs, self._position, self._hint, self._name)
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Callable[..., Any]:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Callable[..., Any]]]:
        return pyfunc, (self.__wrapped__,)


class Call:
    """Calls a user's predict function with as much as it takes, while the stand-ins for MLflow can be imported."""

    def __init__(self, function: Callable[..., Any], context: Any = None) -> None:
        parameters = inspect.signature(function).parameters
        params = parameters.get("params")
        self._function = function
        self._first = (context,) if context is not None and takes_context(parameters) else ()
        self._takes_params = params is not None and params.kind is not params.VAR_KEYWORD
        self._warned = False

    def __call__(self, data: Any, params: dict[str, Any] | None) -> Any:
        """Predict; a function that takes no params goes without."""
        with standins.active():
            if self._takes_params:
                return self._function(*self._first, data, params=params)
            if params and not self._warned:
                self._warned = True
                warnings.warn(f"this model's predict takes no params: {', '.join(params)} are ignored", stacklevel=3)
            return self._function(*self._first, data)

    def stream(self, data: Any, params: dict[str, Any] | None) -> Iterator[Any]:
        """Predict piece by piece, on the one input in ``data``; raises InvalidInput where there are more."""
        with standins.active():
            yield from self(_single(data), params)


def _single(data: Any) -> Any:
    """The one input in a table, an array or a list. Source: MLflow, which streams answers to single requests only."""
    if hasattr(data, "columns"):
        data = data[0].tolist() if list(data.columns) == [0] else data.to_dict("records")
    elif hasattr(data, "tolist"):
        data = data.tolist()
    if not isinstance(data, list):
        return data
    if len(data) != 1:
        raise InvalidInput(f"predict_stream takes one input at a time, got {len(data)}")
    return data[0]
