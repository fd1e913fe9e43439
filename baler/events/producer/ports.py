"""What a producer asks of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.events.producer.outgoing_record import OutgoingRecord


class StreamRefusedError(Exception):
    """The stream refuses us, now and later: it is not there, or we may not write to it. Someone has to change that."""


class EventStream(Protocol):
    """A stream that records are put into."""

    def put(self, records: Sequence[OutgoingRecord]) -> Sequence[bool]:
        """Put records, with one call; return of each whether the stream took it.

        Raises:
            Refused: none was taken; the same call may go well later.
            Unavailable: no answer. Any of them may have been taken.
            StreamRefusedError: none was taken, and none would be later.
        """
        ...
