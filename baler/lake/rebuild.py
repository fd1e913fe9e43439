"""Curates raw objects again: announces all that was captured on some days once more.

Curation ends with the same records whatever order raw objects come in and however often, so this runs beside live
traffic, may be stopped anywhere, and may be done again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from baler.lake.announcement import Announcement, message_of
from baler.lake.raw_key import RAW_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

AT_ONCE: Final = 10
"""Messages that SQS takes in one call."""


@dataclass(frozen=True, slots=True)
class RawVersion:
    """A version of a raw object, as S3 lists it.

    Attributes:
        key, version: its name.
        put_at: when it was put, seconds since the epoch.
        readable: whether it can be read now, and not only once it is restored.
    """

    key: str
    version: str
    put_at: float
    readable: bool


class RawVersions(Protocol):
    """Lists the raw layer."""

    def under(self, prefix: str) -> Iterable[RawVersion]:
        """Return all versions of all objects, not only the current ones.

        Raises:
            Unavailable: no answer.
        """
        ...


class CurationQueue(Protocol):
    """Takes messages."""

    def send(self, bodies: Sequence[str]) -> int:
        """Send at most `AT_ONCE` messages; return how many of them were not taken.

        Raises:
            Unavailable: it is not known of any.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was announced: versions that were, that the queue did not take, and that are to be restored first."""

    sent: int = 0
    refused: int = 0
    archived: int = 0


def rebuild(raw: RawVersions, queue: CurationQueue, bucket: str, prefixes: Iterable[str]) -> Iterator[Rebuilt]:
    """Announce all versions under prefixes, and yield what was done after each call of the queue.

    Args:
        raw: lists the bucket.
        queue: of curation.
        bucket: name of the raw bucket.
        prefixes: see `prefixes_of`.

    Raises:
        Unavailable: a store did not answer.
    """
    sent = refused = archived = 0
    waiting: list[str] = []
    for prefix in prefixes:
        for each in raw.under(prefix):
            if not each.readable:
                archived += 1
                continue
            waiting.append(message_of(Announcement(each.key, each.version, each.put_at), bucket))
            if len(waiting) == AT_ONCE:
                left = queue.send(waiting)
                sent, refused, waiting = sent + len(waiting) - left, refused + left, []
                yield Rebuilt(sent, refused, archived)
    if waiting:
        left = queue.send(waiting)
        sent, refused = sent + len(waiting) - left, refused + left
    yield Rebuilt(sent, refused, archived)


def prefixes_of(sources: Iterable[str], first: date, last: date) -> Iterator[str]:
    """Yield where raw objects of some days lie, oldest first: then most of what comes later finds nothing to move.

    >>> from datetime import date
    >>> list(prefixes_of(["posts"], date(2026, 2, 28), date(2026, 3, 1)))
    ['raw/source=posts/date=2026-02-28/', 'raw/source=posts/date=2026-03-01/']

    Args:
        sources: names.
        first: the first day.
        last: the last one, included.
    """
    names = list(sources)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for name in names:
            yield f"{RAW_PREFIX}source={name}/date={day.isoformat()}/"
