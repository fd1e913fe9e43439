"""The courier's run: takes the lease, delivers what waits in the mailbox, oldest first, and gives the lease back.

An invocation says "look" and nothing else. Whatever this run leaves, another one finds: bundles stay in the mailbox
until they have a receipt, the breaker's state stands beside the lease, and the lease of a courier that dies runs out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.store_errors import Unavailable
from runtime.files.courier.books import Books
from runtime.files.courier.delivery import Stores
from runtime.files.courier.run import Run
from runtime.files.courier.run_report import RunReport
from runtime.files.courier.tenure import Tenure

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.files.courier.limits import CourierLimits
    from runtime.files.courier.ports import CourierTable, Crew, Mailbox, Receiver


class Courier:
    """Delivers bundles, one courier at a time.

    Args:
        mailbox: where they wait.
        receiver: who gets them.
        table: the lease, the breaker and the records.
        crew: runs sends beside each other.
        limits: the stack's settings.
        clock: seconds since the epoch.
        pause: waits for so many seconds.
        new_owner: makes a name for the holder of a lease that no other has.
    """

    def __init__(  # noqa: PLR0913 - what it works with, each by name
        self,
        *,
        mailbox: Mailbox,
        receiver: Receiver,
        table: CourierTable,
        crew: Crew,
        limits: CourierLimits,
        clock: Callable[[], float],
        pause: Callable[[float], None],
        new_owner: Callable[[], str],
    ) -> None:
        self._stores = Stores(mailbox, receiver, table, clock)
        self._crew = crew
        self._limits = limits
        self._pause = pause
        self._new_owner = new_owner

    def run(self, deadline: float, progress: Callable[[RunReport], None] | None = None) -> RunReport:
        """Deliver what waits, until nothing does, the breaker stays open, or the deadline is near.

        Nothing that may happen to table, mailbox or receiver is raised: it is in the report.

        Args:
            deadline: when all must be over, seconds since the epoch. The ports' calls end by then, too.
            progress: is given about each minute what happened since; the report that is returned has the rest. So a
                long run shows while it lasts, and loses little when it is killed.
        """
        owner = self._new_owner()
        table, clock = self._stores.table, self._stores.clock
        try:
            lease = table.acquire(owner, clock())
            if lease is None:
                standing = table.ring()
                # The holder may have given it back in between, and not have heard the bell.
                lease = table.acquire(owner, clock())
                if lease is None:
                    return RunReport(held=False, breaker=standing)
        except Unavailable as error:
            return RunReport(held=False, breaker=None, failure=error)
        tenure = Tenure(table, lease, clock, self._pause, deadline, self._limits.send_timeout_seconds)
        books = Books(self._stores, tenure, self._limits)
        return Run(self._stores, self._crew, self._limits, tenure, books, progress).work()
