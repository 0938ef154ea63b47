"""The process that keeps the workers alive: gunicorn's arbiter, with rules of our own for when one is replaced.

A worker is ended where it shows no sign of life: it was stopped, or its event loop stands still although no prediction
that still has time could be holding it up. Those that are leaving have their time to answer what they accepted, and are
replaced meanwhile.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from typing import TYPE_CHECKING, Any

from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer

from mlpack_serving.draining import HURRY_SECONDS
from mlpack_serving.trial import Found, reason_of

if TYPE_CHECKING:
    from mlpack_serving.reloading import Reloading
    from mlpack_serving.worker import Worker

logger = logging.getLogger("mlpack_serving")

#: To a worker: all of the server ends (a second time: hurry), and: this worker is to leave, others take its place.
END, LEAVE = signal.SIGUSR1, signal.SIGUSR2
#: What is sent to whole process groups, by a terminal or by systemd. Workers pay no heed: their supervisor got it too.
FOR_ALL = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)

#: A worker that has given no sign of life for so many seconds is replaced.
SILENCE_SECONDS = 4.0
#: How much longer than workers may take to leave the supervisor waits before it ends them.
_MERCY_SECONDS = 2.0
#: How often, in seconds, it looks after them.
_LOOK_SECONDS = 0.2
#: A worker that ends so soon after it began to answer, or before, died young. So many of them in a row are a loop, in
#: which one is started each second; so many, and none that has ever answered, are the end.
_YOUNG_SECONDS, _LOOP, _HOPELESS = 2.0, 3, 6
_PAUSE_SECONDS = 1.0


class Supervisor(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Starts workers, replaces those that die, hang or leave, and ends them all."""

    WORKERS: dict[int, Worker]
    LISTENERS: list[socket.socket]

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self._reloading: Reloading = app.reloading
        self._died_young = 0  # in a row
        self._spawned = 0.0

    handle_int = handle_quit = Arbiter.handle_term  # Ctrl+C drains as SIGTERM does

    def handle_hup(self) -> None:
        """Reload. What gunicorn does at this signal would start new workers with the old model."""
        self._reloading.hang_up(self.handle_term)

    def handle_usr1(self) -> None:
        """Nothing: there are no log files to be opened anew."""

    def handle_usr2(self) -> None:
        """Nothing: no other server takes this one's place."""

    def wait_for_signals(self, timeout: float = _LOOK_SECONDS) -> list[int]:
        """The signals that have come, waited for as long as workers may be left alone."""
        signals: list[int] = super().wait_for_signals(min(timeout, _LOOK_SECONDS))
        return signals

    def spawn_worker(self) -> Any:
        """Fork. A signal to the new process waits until it has its own handlers; the supervisor's would swallow it."""
        self._spawned = time.monotonic()
        self.app.established = self.app.established or any(each.pulse.born for each in self.WORKERS.values())
        signal.pthread_sigmask(signal.SIG_BLOCK, (END, LEAVE, *FOR_ALL))
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (END, LEAVE, *FOR_ALL))

    def manage_workers(self) -> None:
        """Have as many at work as there shall be; those that are leaving do not count."""
        self._see_whether_all_is_well()
        if (found := self._reloading.step()) is not None:
            self._switch(found)
        at_work = sorted((each for each in self.WORKERS.values() if not each.pulse.leaving), key=lambda each: each.age)
        current = [each for each in at_work if each.generation == self.app.served.generation]
        former = [each for each in at_work if each not in current]
        for _ in range(self.num_workers - len(current)):
            if self._died_young >= _LOOP and time.monotonic() - self._spawned < _PAUSE_SECONDS:
                break
            self.spawn_worker()
        for each in current[: max(0, len(current) - self.num_workers)]:
            self.retire(each)
        if self._reloading.switching and not self._can_hand_over(current):
            return
        for each in former:
            self.retire(each)
        if self._reloading.switching and all(
            each.pulse.closed for each in self.WORKERS.values() if each not in current
        ):
            self._reloading.finish()
            self.app.drop_former()

    def _switch(self, found: Found) -> None:
        """Begin to replace all workers by some with another model; the old go when the new answer."""
        self._died_young = 0
        try:
            self.app.switch(found)
        except Exception as error:  # noqa: BLE001  whatever it is, the old model goes on
            self._reloading.finish(reason_of(error))

    def _can_hand_over(self, current: list[Worker]) -> bool:
        """Whether all that are to take over answer; goes back to the model before where they do not live to do so."""
        if self._died_young < _LOOP:
            return len(current) >= self.num_workers and all(each.pulse.born for each in current)
        self.app.revert()
        self._died_young = 0
        self.app.notice.write("")
        self._reloading.finish("its workers die as soon as they have started")
        return False

    def retire(self, worker: Worker) -> None:
        """Have a worker stop accepting, answer what it accepted, and end."""
        worker.pulse.leaving = time.monotonic()
        self.kill_worker(worker.pid, LEAVE)

    def murder_workers(self) -> None:
        """End the workers that are not to be waited for any longer."""
        for pid, worker in list(self.WORKERS.items()):
            if reason := self._why_to_end(worker):
                logger.error("worker %d is ended: %s", pid, reason)
                self.kill_worker(pid, signal.SIGKILL)

    def _why_to_end(self, worker: Worker) -> str:
        pulse, now = worker.pulse, time.monotonic()
        if pulse.leaving and now > pulse.leaving + self._leaving_seconds:
            return "it was to leave, and did not in time"
        if not pulse.born:  # loading a model may take any time
            return ""
        if now > pulse.last_sign() + SILENCE_SECONDS:
            return f"its event loop has stood still for {now - pulse.beat:.0f} seconds"
        if now > pulse.beat + SILENCE_SECONDS and _is_stopped(worker.pid):
            return "it was stopped"
        return ""

    def note_end(self, worker: Worker) -> None:
        """See whether workers die as fast as they are started; gunicorn calls it when one has ended.

        Raises:
            HaltServer: so many did, and there is none that answers.
        """
        pulse = worker.pulse
        self.app.metrics.release(worker.block)
        if pulse.leaving:
            return
        self.app.metrics.replaced()
        young = not pulse.born or time.monotonic() - pulse.born < _YOUNG_SECONDS
        self._died_young = self._died_young + 1 if young else 0
        if self._died_young >= _LOOP:
            what = f"{self._died_young} workers in a row died as soon as they had started; the log tells how"
            logger.error("%s", what)
            self.app.notice.write(what)
        if self._died_young >= _HOPELESS and not any(each.pulse.born for each in self.WORKERS.values()):
            raise HaltServer(what, self.WORKER_BOOT_ERROR)

    def _see_whether_all_is_well(self) -> None:
        """Take the notice of a loop back when all workers have outlived their youth."""
        grown = time.monotonic() - 2 * _YOUNG_SECONDS
        ages = [each.pulse.born for each in self.WORKERS.values()]
        if self._died_young and len(ages) >= self.num_workers and all(0 < born < grown for born in ages):
            self._died_young = 0
            self.app.notice.write("")

    def stop(self, graceful: bool = True) -> None:
        """End all workers: they are told, hurried by a second signal, and killed when their time is over."""
        for listener in self.LISTENERS:
            listener.close()
        self.LISTENERS = []
        self._reloading.close()
        self._tell_the_end()
        limit = time.monotonic() + self._leaving_seconds
        while self.WORKERS and time.monotonic() < limit:
            if set(self.wait_for_signals()).intersection(FOR_ALL):
                self._tell_the_end()
                limit = min(limit, time.monotonic() + HURRY_SECONDS + _MERCY_SECONDS)
            self.reap_workers()
        self.kill_workers(signal.SIGKILL)
        self.reap_workers()

    def _tell_the_end(self) -> None:
        for pid, worker in list(self.WORKERS.items()):
            worker.pulse.leaving = worker.pulse.leaving or time.monotonic()
            self.kill_worker(pid, END)

    @property
    def _leaving_seconds(self) -> float:
        return float(self.app.settings.drain_timeout) + _MERCY_SECONDS


def _is_stopped(pid: int) -> bool:
    """Whether a child has been stopped by a signal, and not continued."""
    if not hasattr(os, "waitid"):  # macOS: it is missed until its predictions have had their time
        return False
    return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
