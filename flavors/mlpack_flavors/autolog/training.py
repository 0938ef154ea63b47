"""One training: a call that goes on as it would, and what is logged around it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mlpack.tracking.active import ActiveRun, active_run, start_run
from mlpack_flavors.autolog.failures import Failures
from mlpack_flavors.autolog.options import AUTOLOGGING, Options, Steps
from mlpack_flavors.autolog.record import Record

#: Whose line a warning names: the one that called what is watched (see :mod:`.integration` and :mod:`.patches`).
_CALLER = 4


def training(flavor: str, options: Options, steps: Steps, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Call ``function`` and log it: to the active run, else to one that starts and ends with it, FAILED if it raises.

    What it returns or raises is passed on. What could not be logged is told by one warning.
    """
    try:
        call = inspect.signature(function).bind(*args, **kwargs)
    except (TypeError, ValueError):  # the arguments are wrong, which it says in its own words, or nobody knows them
        return function(*args, **kwargs)
    failures = Failures()
    with _run(flavor, failures) as run:
        if run is None:
            result = function(*args, **kwargs)
        else:
            result = _logged(Record(flavor, options, run, failures), steps, call, function, args, kwargs)
    failures.warn(_CALLER)
    return result


@contextmanager
def _run(flavor: str, failures: Failures) -> Iterator[ActiveRun | None]:
    """The active run, else a new one, which is ended; None where it cannot be started."""
    own: ActiveRun | None = None
    with failures.attempt("everything"):
        own = None if active_run() else start_run(tags={AUTOLOGGING: flavor})
    ended: tuple[Any, Any, Any] = (None, None, None)
    try:
        yield active_run()
    except BaseException as error:
        ended = (type(error), error, error.__traceback__)
        raise
    finally:
        if own is not None:
            with failures.attempt("the end of the run"):
                own.__exit__(*ended)


def _logged(
    record: Record, steps: Steps, call: inspect.BoundArguments, function: Callable[..., Any], args: Any, kwargs: Any
) -> Any:
    parameters = call.signature.parameters.items()
    going = steps(record, {name: call.arguments.get(name, parameter.default) for name, parameter in parameters})
    with record.failures.attempt("what is known before the training"):
        changed = next(going)
        if changed:
            call.arguments.update(changed)
            args, kwargs = call.args, call.kwargs
    result = function(*args, **kwargs)
    with record.failures.attempt("what is known after the training"), suppress(StopIteration):
        going.send(result)
    return result
