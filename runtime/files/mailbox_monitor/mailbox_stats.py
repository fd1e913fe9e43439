"""Counts what waits in the mailbox, within a budget of pages and of time.

A bundle waits since it was put, which S3 tells, and not since the time in its id: a replay puts a bundle of last year
into the mailbox, and nobody is late for it yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.files.bundle.ids import bundle_id_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PAGES_MAX: Final = 100
"""Pages that one count reads: 100,000 objects, two and a half days of bundles at the expected load."""

# Seconds that must be left to begin another page: S3 may take three tries of it (runtime/files/aws/clients.py).
_PAGE_SECONDS: Final = 20.0


class Incomplete(Exception):  # noqa: N818 - what it is about
    """The budget was used up on objects that are no bundles: that none was seen does not mean that none waits."""


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object in the mailbox.

    Attributes:
        key: whatever it is; not everything there need be a bundle.
        size: bytes.
        put_at: when it was put, seconds since the epoch.
    """

    key: str
    size: int
    put_at: float


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """A part of the mailbox, in the order of the keys.

    Attributes:
        found: what is on it.
        is_last: nothing follows.
    """

    found: Sequence[ListedObject]
    is_last: bool


@dataclass(slots=True)
class MailboxStats:
    """What waits in the mailbox. Where it is not `complete`, each number is a lower bound.

    Attributes:
        objects: bundles.
        size: their bytes.
        oldest_age: seconds that the one which waits longest has waited; 0 where none waits.
        foreign: objects that are no bundles, which the consumer leaves where they are.
        complete: the whole mailbox was seen.
    """

    objects: int = 0
    size: int = 0
    oldest_age: float = 0.0
    foreign: int = 0
    complete: bool = False


def count_mailbox(
    pages: Iterable[MailboxPage],
    now: float,
    seconds_left: Callable[[], float],
    id_of: Callable[[str], str] = bundle_id_of,
) -> MailboxStats:
    """Count what waits, or what was set aside.

    Args:
        pages: of the mailbox; none is asked for once the budget is used up.
        now: seconds since the epoch. S3's clock may be ahead of it, which makes no age negative.
        seconds_left: until the function is killed.
        id_of: returns the id of the bundle under a key, or raises ValueError where no bundle can lie there.

    Raises:
        Incomplete: the budget was used up, and there was no bundle so far.
    """
    stats = MailboxStats()
    for number, page in enumerate(pages, start=1):
        for found in page.found:
            if not _is_bundle(found.key, id_of):
                stats.foreign += 1
                continue
            stats.objects += 1
            stats.size += found.size
            stats.oldest_age = max(stats.oldest_age, now - found.put_at)
        stats.complete = page.is_last
        if page.is_last or number == PAGES_MAX or seconds_left() < _PAGE_SECONDS:
            break
    if not stats.complete and not stats.objects:
        raise Incomplete(
            f"the first {stats.foreign} objects of the mailbox are no bundles, and there are more: remove them"
        )
    return stats


def _is_bundle(key: str, id_of: Callable[[str], str]) -> bool:
    try:
        id_of(key)
    except ValueError:
        return False
    return True
