"""Functions and methods of a framework that are replaced for a while, and put back."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import update_wrapper
from types import MethodType
from typing import Any

#: ``(function, *args, **kwargs) -> what the call gives``.
Around = Callable[..., Any]

_ABSENT = object()


class Watched:
    """Stands in the place of a function or a method: what calls it calls ``around(function, *args, **kwargs)``.

    A class that has one shows the original: frameworks look at its signature, and at whether it is a function. Pickled
    with a class or a function of the user's, it is the original, too.
    """

    def __init__(self, original: Any, function: Callable[..., Any], around: Around) -> None:
        update_wrapper(self, function)
        self._original, self._function, self._around = original, function, around

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        bound = self._original.__get__(instance, owner)  # AttributeError where the method is there for some models only
        return bound if instance is None else MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it; of a method, ``args`` begin with the instance."""
        return self._around(self._function, *args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        return copy, (self._original,)  # which is the original itself, and whoever reads it needs nothing of ours


class Patches:
    """What was replaced, so that it can be put back."""

    def __init__(self) -> None:
        self._replaced: list[tuple[Any, str, Any, Any]] = []

    def watch(self, owner: Any, name: str, around: Around) -> None:
        """Replace a function of a module, or a method that a class itself defines.

        What is replaced already is let be, and so is what is called without an instance, or cannot be called at all.
        """
        original, function = vars(owner)[name], getattr(owner, name)
        if isinstance(original, (Watched, staticmethod, classmethod)):
            return
        if callable(function) and hasattr(original, "__get__"):
            self.replace(owner, name, Watched(original, function, around))

    def replace(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of a module or a class until :meth:`restore`."""
        self._replaced.append((owner, name, vars(owner).get(name, _ABSENT), value))
        setattr(owner, name, value)

    def restore(self) -> None:
        """Put everything back, but what another library has replaced in its turn."""
        while self._replaced:
            owner, name, original, ours = self._replaced.pop()
            if vars(owner).get(name) is not ours:
                continue
            if original is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
