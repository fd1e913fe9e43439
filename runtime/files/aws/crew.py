"""Runs sends in threads."""

from __future__ import annotations

from concurrent.futures import wait
from typing import TYPE_CHECKING, TypeVar

from baler.files.courier.lease import RENEWAL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")


class ThreadCrew:
    """The Crew port (see runtime/files/courier/ports.py).

    Args:
        pool: with as many threads as there are parallel sends.
        seconds: how often `meanwhile` is called.
    """

    def __init__(self, pool: ThreadPoolExecutor, seconds: float = RENEWAL_SECONDS) -> None:
        self._pool = pool
        self._seconds = seconds

    def together(self, sends: Sequence[Callable[[], T]], meanwhile: Callable[[], None]) -> list[T]:
        """Return the results in order. What fails is raised once all are over, so that none is left running."""
        futures = [self._pool.submit(send) for send in sends]
        failure: Exception | None = None
        while wait(futures, timeout=self._seconds).not_done:
            try:
                meanwhile()
            except Exception as error:  # noqa: BLE001 - raised below
                failure = failure or error
        if failure is not None:
            raise failure
        return [future.result() for future in futures]
