"""One shard, read from a place to its end: records become batches, and each is done before the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from baler_kinesis.delivery import deliver, sequence_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from baler_kinesis.batch import BatchCollector
    from baler_kinesis.delivery import Rules, Surroundings
    from baler_kinesis.shards import Checkpoints

# Lambda polls each shard once a second where it finds nothing (developer guide, "Using Lambda with Kinesis").
POLL_SECONDS = 1.0
# A shard answers five calls a second, to all who read it.
_BETWEEN_READS_SECONDS = 0.25


class ExpiredError(Exception):
    """The iterator is older than five minutes."""


class BusyError(Exception):
    """The shard answers no more in this second."""


class Page(NamedTuple):
    """What a read found."""

    events: list[dict[str, Any]]
    """Those that the mapping's filters let through."""
    last: str
    """The number of the last record, filtered or not; empty where there was none."""
    following: str | None
    """The next iterator; None at the end of the shard."""


class Records(Protocol):
    """The stream."""

    def iterator(self, shard: str, position: Mapping[str, Any]) -> str:
        """Return an iterator at a position."""
        ...

    def read(self, shard: str, iterator: str) -> Page:
        """Return the next records.

        Raises:
            ExpiredError: the iterator is too old.
            BusyError: try again in a moment.
        """
        ...


def read_shard(  # noqa: PLR0913 - what a shard's way needs
    shard: str,
    *,
    records: Records,
    checkpoints: Checkpoints,
    collector: BatchCollector,
    rules: Rules,
    surroundings: Surroundings,
    steady: Callable[[], float],
) -> None:
    """Return when the shard has ended and all of it is done.

    Args:
        shard: its id; `checkpoints` says where it begins and is told how far it is.
        records: the stream.
        checkpoints: of the mapping.
        collector: empty.
        rules: of the mapping.
        surroundings: the function and its destination.
        steady: seconds of a clock that never goes back.

    Raises:
        StoppedError: the mapping was stopped.
    """
    position = checkpoints.positions[shard]
    iterator: str | None = records.iterator(shard, position)
    while iterator:
        try:
            page = records.read(shard, iterator)
        except ExpiredError:
            # Behind the last record that was read, which may not be done: the collector has it.
            iterator = records.iterator(shard, position)
            continue
        except BusyError:
            surroundings.wait(_BETWEEN_READS_SECONDS)
            continue
        if page.last:
            position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": page.last}
        for event in page.events:
            collector.add(event, steady())
        iterator = page.following
        while batch := collector.closed(steady(), ended=iterator is None):
            deliver(batch, rules, surroundings)
            checkpoints.passed(shard, sequence_number(batch[-1]))
        if iterator:
            surroundings.wait(_BETWEEN_READS_SECONDS if page.last else POLL_SECONDS)
    checkpoints.finish(shard)
