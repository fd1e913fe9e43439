"""Rounds of one raw object over a table that is scripted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.sightings import order, sighting

from runtime.lake.curation.backoff import Backoff
from runtime.lake.curation.counted_writer import CountedWriter
from runtime.lake.curation.rounds import Rounds
from runtime.lake.curation.sighting import Known
from runtime.lake.curation.transaction import InvalidTransaction

if TYPE_CHECKING:
    from collections.abc import Collection


class Clock:
    """It goes on by a second for each look."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        self.seconds += 1
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Refusing:
    """Knows a record from a later day, and takes no move of it."""

    def read(self, ids: Collection[str]) -> dict[str, Known]:
        later = Known.of(sighting(1, "red", order("2026-03-09T00:03")))
        return dict.fromkeys(ids, later)

    def transact(self, transaction: object) -> None:
        raise InvalidTransaction(str(type(transaction)))


def test_a_record_whose_move_the_table_calls_invalid_is_set_aside_and_not_tried_for_ever() -> None:
    table: Any = Refusing()
    shown = sighting(1, "red", order("2026-03-08T23:58"))
    backoff = Backoff(Clock(), 60, lambda: 0.0)
    writer = CountedWriter(table, backoff, lambda: "token")
    rounds = Rounds(shown.raw_s3_key, {shown.id: shown}, table=table, versions=None, writer=writer, backoff=backoff)
    assert rounds.run() == [shown.id]
    assert rounds.tally.moved == 0
