"""Threads beside the consumer's own: they fetch and stage bundles ahead of their turn, and delete what was delivered.

Everything else is done by the consumer's own thread alone: the ledger, publishing, the hook, the lease's renewal, what
is reported. So what a thread does has no effect that anyone sees but the delete, whose condition is in it.
"""

from __future__ import annotations

import signal
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# Each waits for the network or the disk most of its time. With 8 a disk gave no more, and they waited for one another.
DEFAULT_WORKERS: Final = 4
# How often whoever waits for a job does what is due meanwhile.
_TICK_SECONDS: Final = 0.1


class AbandonedError(BaseException):
    """The consumer does not want the result any more.

    Not an Exception, as KeyboardInterrupt is none: boto3 would take it for a network error and try again.
    """


class Job(Generic[T]):
    """Work that was handed over.

    Args:
        work: what is to be done, once.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._ended = threading.Event()
        self._results: list[T] = []
        self.error: BaseException | None = None

    @property
    def is_done(self) -> bool:
        """Whether it ended, in whatever way."""
        return self._ended.is_set()

    def run(self) -> None:
        """Do it, and keep what came of it."""
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asks for the result
            self.error = error
        finally:
            self._ended.set()

    def wait(self, interruption_point: Callable[[], None]) -> None:
        """Wait until it ended, doing meanwhile what is due, which may raise to give up waiting."""
        while not self._ended.wait(_TICK_SECONDS):
            interruption_point()

    def result(self, interruption_point: Callable[[], None]) -> T:
        """Wait, and return what it returned or raise what it raised."""
        self.wait(interruption_point)
        if self.error is not None:
            raise self.error
        [result] = self._results
        return result


class Crew(Protocol):
    """Does jobs, in any order and at any time until their result is asked for."""

    def start(self, work: Callable[[], T]) -> Job[T]:
        """Hand over work, which calls `check` often."""
        ...

    def check(self) -> None:
        """Raise AbandonedError where the work that is under way is not wanted any more: called by that work."""
        ...

    def abandon(self, interruption_point: Callable[[], None]) -> None:
        """Drop every job, and return when none is under way; `interruption_point` may raise to return before."""
        ...

    def close(self) -> None:
        """Drop every job and take no more. One that is under way ends by itself, or with the process."""
        ...


class ThreadCrew:
    """A crew of threads, which never keep the process from ending.

    Args:
        workers: how many.
    """

    def __init__(self, workers: int = DEFAULT_WORKERS) -> None:
        self._workers = workers
        self._threads: list[threading.Thread] = []
        self._waiting: SimpleQueue[Job[Any] | None] = SimpleQueue()
        self._under_way: list[Job[Any]] = []
        self._abandoned = threading.Event()

    def start(self, work: Callable[[], T]) -> Job[T]:
        """Hand over work."""
        if len(self._threads) < self._workers:
            thread = threading.Thread(target=self._serve, name=f"crew-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        job = Job(work)
        self._under_way = [other for other in self._under_way if not other.is_done]
        self._under_way.append(job)
        self._waiting.put(job)
        return job

    def check(self) -> None:
        """Raise AbandonedError where nothing of it is wanted any more."""
        if self._abandoned.is_set():
            raise AbandonedError

    def abandon(self, interruption_point: Callable[[], None]) -> None:
        """Drop every job, and wait for those that are under way."""
        self._drop()
        for job in self._under_way:
            job.wait(interruption_point)
        self._under_way.clear()
        self._abandoned.clear()

    def close(self) -> None:
        """Drop every job, and let the threads go."""
        self._drop()
        for _ in self._threads:
            self._waiting.put(None)
        self._threads.clear()

    def _drop(self) -> None:
        self._abandoned.set()
        while True:
            try:
                job = self._waiting.get_nowait()
            except Empty:
                return
            if job is not None:
                self._under_way.remove(job)

    def _serve(self) -> None:
        # A signal is for the consumer's own thread, whose waiting it interrupts.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while (job := self._waiting.get()) is not None:
            job.run()
