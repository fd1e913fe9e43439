"""The time in which a courier may work: its lease, and the deadline of its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.files.courier.lease import RENEWAL_SECONDS, FencedError
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.files.courier.lease import Lease
    from runtime.files.courier.ports import CourierTable

OPEN_SECONDS: Final = 10.0
"""What a bundle may take to be opened, so that its send still has all of its time: else a mailbox that is slow near the
end of a run would look like a receiver that is."""

SETTLE_SECONDS: Final = 15.0
"""What is left after the last send for its receipt, the removal and the lease."""


class Tenure:
    """A courier's lease, which it keeps while it waits, up to its deadline.

    Args:
        table: where the lease stands.
        lease: held.
        clock: seconds since the epoch.
        pause: waits for so many seconds.
        deadline: when all must be over, seconds since the epoch.
        send_seconds: the time-out of a send.

    Attributes:
        lease: as it was last renewed.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it consists of
        self,
        table: CourierTable,
        lease: Lease,
        clock: Callable[[], float],
        pause: Callable[[float], None],
        deadline: float,
        send_seconds: float,
    ) -> None:
        self.lease = lease
        self._table = table
        self._clock = clock
        self._pause = pause
        self._deadline = deadline
        self._send_seconds = send_seconds

    def renew(self) -> None:
        """Prove and prolong the lease, and learn what rang; raises what the table does."""
        self.lease = self._table.renew(self.lease, self._clock())

    def prove(self) -> None:
        """Prove and prolong it for a send, in the send's thread; raises what the table does."""
        self._table.renew(self.lease, self._clock())

    def keep(self) -> None:
        """Prolong it while sends are out. That it is lost, each of them learns before its receipt."""
        try:
            self.prove()
        except (FencedError, Unavailable):
            return

    def release(self, *, bells: int | None) -> bool:
        """Give it back; False, and it is renewed, where more bells rang than `bells`."""
        if self._table.release(self.lease, bells=bells):
            return True
        self.renew()
        return False

    def give_up(self) -> None:
        """Give it back if that can be done: whatever fails for this courier may go well for the next."""
        try:
            self._table.release(self.lease, bells=None)
        except (FencedError, Unavailable):
            return  # it runs out

    def has_time_after(self, seconds: float) -> bool:
        """Whether a send that begins in so many seconds has all of its time, and its settlement too."""
        needed = OPEN_SECONDS + self._send_seconds + SETTLE_SECONDS
        return self._clock() + seconds + needed <= self._deadline

    def send_deadline(self) -> float:
        """Return when a send that begins now must be over, seconds since the epoch."""
        return min(self._clock() + self._send_seconds, self._deadline - SETTLE_SECONDS)

    def wait(self, seconds: float) -> bool:
        """Wait, and keep the lease; False, at once, where no time to send would be left after it."""
        if not self.has_time_after(seconds):
            return False
        # By what was waited, not by the clock: a clock that is set back prolongs nothing.
        left = seconds
        while left > 0:
            self._pause(min(left, RENEWAL_SECONDS))
            left -= RENEWAL_SECONDS
            self.renew()
        return True
