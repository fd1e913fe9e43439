"""Takes a raw object: reads it, inserts what is new and counts it, replaces what is older, sets aside what is bad."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from baler.lake.raw_key import ForeignRawError, RawKey, RawMetadata
from baler.lake.refusal_reason import RefusalReason
from baler.lake.retention import FOR_EVER
from baler.store_errors import Refused, Unavailable
from runtime.lake.curation.backoff import Backoff
from runtime.lake.curation.counted_writer import CountedWriter
from runtime.lake.curation.item_size import fitted
from runtime.lake.curation.reading import BadRecord, UnreadableError
from runtime.lake.curation.rounds import Rounds
from runtime.lake.curation.sighting import unique

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.lake.retention import Retention
    from runtime.lake.curation.ports import Aside, Clock, RawStore, Read, RecordTable, VersionTable
    from runtime.lake.curation.rounds import Tally
    from runtime.lake.curation.sighting import Sighting

TOO_LARGE: Final = "too-large"
"""Reason of a record whose declared fields alone are larger than an item of the table."""
REFUSED_BY_TABLE: Final = "refused-by-table"
"""Reason of a record that the table calls invalid."""


class Outcome(StrEnum):
    """What became of a raw object."""

    CURATED = "curated"
    """All of its records are in the table, or something newer, or set aside."""

    RETRY = "retry"
    """Something did not answer, or time is up: announce it again. What was done is done."""

    REFUSED = "refused"
    """Never: for the dead letters and an alarm."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a raw object.

    Attributes:
        outcome: see there.
        reason: of RETRY and REFUSED.
        refusal: of REFUSED, in a word.
        tally: what was done with its records, also where not all was.
        set_aside: bad records; counted where they are set aside.
    """

    outcome: Outcome
    reason: str = ""
    refusal: RefusalReason | None = None
    tally: Tally | None = None
    set_aside: int = 0


class Curator:
    """Curates raw objects. Doing it again, in any order, even at the same time, changes nothing.

    Args:
        raw: where raw objects lie.
        read: reads them by their source's declaration.
        table: records and counters.
        versions: takes every sighting; None where records are replaced.
        aside: takes bad records.
        retention: of records.
        clock: the time.
        random: returns numbers from 0 to 1.
        new_token: makes a name for a transaction that no other has, of at most 36 characters.
    """

    def __init__(  # noqa: PLR0913 - wired in one place
        self,
        *,
        raw: RawStore,
        read: Read,
        table: RecordTable,
        versions: VersionTable | None,
        aside: Aside,
        clock: Clock,
        random: Callable[[], float],
        new_token: Callable[[], str],
        retention: Retention = FOR_EVER,
    ) -> None:
        self._raw = raw
        self._read = read
        self._table = table
        self._versions = versions
        self._aside = aside
        self._retention = retention
        self._clock = clock
        self._random = random
        self._new_token = new_token

    def handle(self, key: str, version: str | None, deadline: float) -> Report:
        """Curate a raw object.

        What one of a day that is over shows is not looked at: it would bring back what has ended, or end a record that
        came back since.

        Args:
            key: of the object, not form-encoded.
            version: that its event names.
            deadline: when the function must have answered, seconds since the epoch.
        """
        try:
            name = RawKey.parse(key)
            if self._retention.is_over(name.captured_at.date(), self._clock.now()):
                return Report(Outcome.CURATED, "it is older than records are kept")
            raw = self._raw.get(key, version)
            if raw is None:
                return _refused(RefusalReason.OBJECT_MISSING, "there is no such object")
            name.check(raw.content)
            reading = self._read(key, RawMetadata.parse(name, raw.metadata), raw.content)
        except Unavailable as error:
            return Report(Outcome.RETRY, str(error))
        except ForeignRawError as error:
            return _refused(RefusalReason.FOREIGN_OBJECT, str(error))
        except UnreadableError as error:
            return _refused(RefusalReason.UNREADABLE, str(error))
        return self._curate(key, reading.sightings, reading.bad, deadline)

    def _curate(self, key: str, sightings: Sequence[Sighting], bad: Sequence[BadRecord], deadline: float) -> Report:
        every = unique(sightings)
        small = {each.id: each for sighting in every.values() if (each := fitted(sighting)) is not None}
        bad = [*bad, *(BadRecord(TOO_LARGE, id=each) for each in every if each not in small)]
        backoff = Backoff(self._clock, deadline, self._random)
        writer = CountedWriter(self._table, backoff, self._new_token)
        rounds = Rounds(key, small, table=self._table, versions=self._versions, writer=writer, backoff=backoff)
        try:
            invalid = rounds.run()
            if len(invalid) == len(small) > 1:
                # A table of the wrong shape refuses everything, and no record is bad for that.
                raise Refused("the table takes no record at all", "ValidationException")
            bad = [*bad, *(BadRecord(REFUSED_BY_TABLE, id=each) for each in invalid)]
            if bad:
                self._aside.put(key, bad)
        except Unavailable as error:
            return Report(Outcome.RETRY, str(error), tally=rounds.tally)
        return Report(Outcome.CURATED, tally=rounds.tally, set_aside=len(bad))


def _refused(refusal: RefusalReason, reason: str) -> Report:
    return Report(Outcome.REFUSED, reason, refusal)
