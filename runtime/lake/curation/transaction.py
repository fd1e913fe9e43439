"""Writes of records that are counted, and how a store answers them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from baler.lake.counters import Count
    from runtime.lake.curation.sighting import Known, Sighting

MOST_ITEMS: Final = 100
"""What a transaction of DynamoDB holds at most; counters included."""

MOST_BYTES: Final = 3_000_000
"""What we put into one: DynamoDB refuses 4 MB, by an arithmetic of its own."""


class InvalidTransaction(Exception):  # noqa: N818 - the name says what it is
    """A store refused a transaction as a whole, and would refuse it always: something in it is no legal item."""


class Reason(StrEnum):
    """Why an item kept a transaction from being done; each item has its own."""

    NONE = "none"
    """It did not: another item did."""

    RACED = "raced"
    """Its condition does not hold: the record is there already, or is not as it was read."""

    PASSING = "passing"
    """A conflict with another transaction, or a throttle. It says nothing of the item."""

    INVALID = "invalid"
    """It can never be written."""


@dataclass(frozen=True, slots=True)
class Insert:
    """Writes a record that is not there, on condition of that.

    Attributes:
        sighting: the record.
        bytes: what its item takes at most.
    """

    sighting: Sighting
    bytes: int

    @property
    def id(self) -> str:
        """Id of the record."""
        return self.sighting.id


@dataclass(frozen=True, slots=True)
class Move:
    """Has a record counted under an earlier day, on condition that it is just as it was read.

    Attributes:
        before, after: what is known of the record.
    """

    before: Known
    after: Known

    @property
    def id(self) -> str:
        """Id of the record."""
        return self.before.id

    @property
    def bytes(self) -> int:
        """What the write takes at most."""
        return 1_000


@dataclass(frozen=True, slots=True)
class Transaction:
    """Writes that are done together with their counts, or not at all.

    Attributes:
        writes: of records, each of another one.
        counts: of counters, each of another item.
        token: its name; the same for the same content alone.
    """

    writes: Sequence[Insert | Move]
    counts: Sequence[Count]
    token: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A transaction was not done: why, for each of its writes, and for its counts together."""

    writes: Sequence[Reason]
    counts: Reason


def packed(writes: Sequence[Insert | Move], at_most: int) -> Iterator[list[Insert | Move]]:
    """Yield runs of writes that fit into transactions, each of `at_most` writes and `MOST_BYTES`."""
    run: list[Insert | Move] = []
    size = 0
    for write in writes:
        if run and (len(run) == at_most or size + write.bytes > MOST_BYTES):
            yield run
            run, size = [], 0
        run.append(write)
        size += write.bytes
    if run:
        yield run
