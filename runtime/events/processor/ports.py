"""What the processor asks of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.raw_object import StreamObject
    from baler.events.stream.shard_key import ShardKey
    from baler.events.stream_record import Parsed, StreamRecord


class Parse(Protocol):
    """Reads records."""

    def __call__(self, records: Sequence[StreamRecord], /) -> Parsed:
        """Return what the records hold.

        A record of which the answer says nothing, neither an event nor a rejection, is one that could be processed
        later: the batch is cut before it. An exception is a crash.
        """
        ...


class RawStore(Protocol):
    """Where the objects are put."""

    def put(self, objects: Sequence[StreamObject]) -> None:
        """Write those that are not there yet, by a conditional put: a key names its bytes.

        Each put of what is there would be one more version and one more event, at each retry of an outage.

        Raises:
            Unavailable: of one at least it is not known that it is written.
        """
        ...


class RunTable(Protocol):
    """Where runs with a single record are noted while they last. Repeating a call, late or not, is harmless."""

    def begin(self, shard: ShardKey, sequence_number: str, run_id: str) -> int:
        """Add a run to those of a record; return how many others have begun and never ended."""
        ...

    def end(self, shard: ShardKey, sequence_number: str, run_id: str) -> None:
        """Remove a run."""
        ...


class Timer(Protocol):
    """Calls a function at a moment."""

    def __call__(self, when: float, call: Callable[[], None], /) -> Callable[[], None]:
        """Arrange it, in seconds since the epoch, unless what is returned is called before."""
        ...
