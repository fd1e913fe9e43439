"""What curation asks of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from baler.lake.raw_key import RawMetadata
    from runtime.lake.curation.reading import BadRecord, RawObject, Reading
    from runtime.lake.curation.sighting import Known, Sighting
    from runtime.lake.curation.transaction import Cancelled, Reason, Transaction


class RawStore(Protocol):
    """Where raw objects lie."""

    def get(self, key: str, version: str | None) -> RawObject | None:
        """Return an object; None if there is none.

        Args:
            key: its own, not the form-encoded one of S3's event.
            version: the one that the event names: the same bytes may be put again, with metadata of their own.

        Raises:
            Unavailable: no answer.
        """
        ...


class Read(Protocol):
    """Reads what a source sent."""

    def __call__(self, key: str, metadata: RawMetadata, content: bytes, /) -> Reading:
        """Return its records; the same bytes and declaration always give the same.

        Raises:
            UnreadableError: nothing can be read, now or ever.
        """
        ...


class RecordTable(Protocol):
    """Records and counters. Every call may take effect and stay without an answer, late, or twice.

    All raise Unavailable (Refused where it is known that nothing was done).
    """

    def read(self, ids: Collection[str]) -> Mapping[str, Known]:
        """Return what is known of records, read consistently; those that are not there are left out."""
        ...

    def transact(self, transaction: Transaction) -> Cancelled | None:
        """Do a transaction; None if it is done.

        Raises:
            InvalidTransaction: it is refused as a whole, for what is in it.
        """
        ...

    def replace(self, changes: Sequence[tuple[Sighting, Known]]) -> Mapping[str, Reason]:
        """Write sightings in place of what is known, each by itself, and on condition that it is known just so.

        What is known besides follows from both (`Known.after`); the time of its first capture stays.

        Returns:
            For the ids of those that are not written: RACED where the condition does not hold, or did not hold any
            more when a try was repeated; INVALID where the store takes the record never.
        """
        ...

    def stamp(self, changes: Sequence[tuple[Sighting, Known]]) -> Mapping[str, Reason]:
        """Note what sightings say of records whose content stays (`Known.after`); otherwise as `replace`.

        Where a sighting is the newest, the record names its raw object.
        """
        ...


class VersionTable(Protocol):
    """Every sighting, where versions are kept beside the record."""

    def put(self, sightings: Sequence[Sighting]) -> None:
        """Write sightings by id and order, but for those that the store calls invalid; repeating it changes nothing.

        Raises:
            Unavailable: one at least may not be written.
        """
        ...


class Aside(Protocol):
    """Where bad records of good raw objects are set aside."""

    def put(self, key: str, records: Sequence[BadRecord]) -> None:
        """Write what was bad in a raw object; repeating it with the same changes nothing.

        Raises:
            Unavailable: it may not be written.
        """
        ...


class Clock(Protocol):
    """Tells the time, and lets it pass."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
