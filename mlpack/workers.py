"""A function applied to item after item by processes: results in order, few items in memory, no orphans."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain, islice
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, TypeVar

from mlpack.errors import MlpackError, PredictionFailed
from mlpack.processors import share, thread_variables

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Whether processes can share what is loaded by a fork: elsewhere system libraries may not survive one.
CAN_SHARE = sys.platform == "linux"
#: Items for each worker that are read and whose result is not taken yet: the one at work, and one that waits.
_IN_FLIGHT = 2
_SECONDS_TO_END = 5
_PR_SET_PDEATHSIG = 1  # of linux/prctl.h


def mapped(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int, *, shared: bool
) -> Generator[Result, None, None]:
    """``map(function, items)`` by up to so many processes; by none where there is only one item, or one worker.

    Items and results are pickled. A ``shared`` function is inherited by a fork, where `CAN_SHARE`, so it may hold what
    is loaded; it may not have computed here before, which OpenMP does not survive. Any other is pickled, for processes
    that begin anew. An error, of reading the items too, is raised when the results before it were given. Closing the
    generator ends the processes, as the end of this process does.

    Raises:
        PredictionFailed: a process ended; names the item by its ``str``.
    """
    turns = _and_failure(items)
    size, turns = _counted(turns, workers)
    if size == 1:
        yield from (_apply(function, turn) for turn in turns)
        return
    with _crew(function, size, "fork" if shared else "spawn") as ask:
        pending: deque[Future[Result]] = deque()
        for turn in turns:
            pending.append(ask(turn))
            while pending and (len(pending) >= _IN_FLIGHT * size or pending[0].done()):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


class _Failure:
    """In the place of an item that could not be read."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _and_failure(items: Iterable[Item]) -> Iterator[Item | _Failure]:
    try:
        yield from items
    except Exception as error:  # noqa: BLE001  raised when its turn comes
        yield _Failure(error)


def _counted(turns: Iterator[Item], most: int) -> tuple[int, Iterator[Item]]:
    """How many there are, counted up to ``most`` but at least one, and all of them; the last needs not be read."""
    first = list(islice(turns, most)) if most > 1 else []
    return max(1, len(first)), chain(first, turns)


def _apply(function: Callable[[Item], Result], turn: Item | _Failure) -> Result:
    if isinstance(turn, _Failure):
        raise turn.error
    return function(turn)


@contextmanager
def _crew(
    function: Callable[[Item], Result], size: int, method: str
) -> Iterator[Callable[[Item | _Failure], Future[Result]]]:
    """So many processes, and what gives an item to the next that is idle. A thread waits for each of them."""
    crew: list[_Worker] = []
    idle: SimpleQueue[_Worker] = SimpleQueue()
    pool = ThreadPoolExecutor(size)

    def ask(item: Item) -> Result:
        worker = idle.get()
        try:
            result: Result = worker.ask(item)
        finally:
            idle.put(worker)
        return result

    try:
        gc.freeze()  # what is shared stays shared: the collector of a worker does not write to it
        for _ in range(size):  # all before the first thread: a fork copies locks, not the threads that hold them
            crew.append(_Worker(function, method, share(size), [worker.connection for worker in crew]))
            idle.put(crew[-1])
        gc.unfreeze()
        yield lambda turn: pool.submit(_apply, ask, turn)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in crew:
            worker.end()
        pool.shutdown()


class _Elsewhere(Exception):
    """The traceback of an error in a worker, chained to it as its cause."""


class _Worker:
    """One process, and our end of the pipe to it; ``others`` are our ends of the pipes to those before it."""

    def __init__(self, function: Callable[[Any], Any], method: str, threads: int, others: list[Connection]) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        ours = [self.connection, *others] if method == "fork" else []
        context: Any = multiprocessing.get_context(method)
        self._process = context.Process(target=_work, args=(function, theirs, ours, threads), daemon=True)
        with ExitStack() as stack:
            stack.callback(theirs.close)
            stack.enter_context(warnings.catch_warnings())
            # Arrow and BLAS have threads, and start them anew after a fork.
            warnings.filterwarnings("ignore", ".*multi-threaded", DeprecationWarning)
            stack.enter_context(_environment(thread_variables(threads)))
            # An interrupt waits until the new process ignores it.
            _mask_interrupt(signal.SIG_BLOCK)
            stack.callback(_mask_interrupt, signal.SIG_UNBLOCK)
            self._process.start()

    def ask(self, item: Any) -> Any:
        """What the function makes of an item; raises what it raises, or PredictionFailed if the process dies."""
        try:
            self.connection.send(item)
            result, error, told = self.connection.recv()
        except (EOFError, OSError):
            message = f"a worker process ended ({self._end()}) while it predicted {item}"
            tip = "SIGKILL often means that memory ran out: use fewer --workers or --chunk-rows"
            raise PredictionFailed(message, tip=tip) from None
        if error is not None:
            raise error from _Elsewhere(told)
        return result

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self.connection.close()

    def _end(self) -> str:
        self._process.join(_SECONDS_TO_END)
        code = self._process.exitcode
        return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"


def _work(function: Callable[[Any], Any], connection: Connection, ours: list[Connection], threads: int) -> None:
    """What a worker does until the pipe is closed, be it that its parent was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends this process
    _mask_interrupt(signal.SIG_UNBLOCK)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # an orphan ends at once, not with its item
    for each in ours:
        each.close()
    _limit_threads(threads)
    with suppress(EOFError, ConnectionError):
        while True:
            item = connection.recv()
            answer: tuple[Any, Exception | None, str]
            try:
                answer = (function(item), None, "")
            except Exception as error:  # noqa: BLE001  raised by the parent
                answer = (None, _portable(error), "\n" + traceback.format_exc())
            connection.send(answer)


def _limit_threads(threads: int) -> None:
    """Limit libraries that were loaded before the fork, unless the user has set another number of threads."""
    if os.environ["OMP_NUM_THREADS"] == str(threads):
        with suppress(ImportError):  # scikit-learn brings it
            from threadpoolctl import threadpool_limits

            threadpool_limits(threads)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """The environment with these variables, for a process that is started meanwhile."""
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]


def _mask_interrupt(how: int) -> None:
    if os.name == "posix":
        signal.pthread_sigmask(how, {signal.SIGINT})


def _portable(error: Exception) -> Exception:
    """The error if it can be pickled, which is sure of ours and of Python's own, else one that says the same."""
    if isinstance(error, MlpackError) or type(error).__module__ == "builtins":
        return error
    return RuntimeError(f"{type(error).__name__}: {error}")
