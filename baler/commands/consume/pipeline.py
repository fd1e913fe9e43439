"""Bundles under way in a pass: some are staged ahead of their turn, some are delivered and being deleted.

A turn is in the order of the mailbox, oldest first; only staging and deleting overlap with the turns of others.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.commands.consume.crew import Crew, Job
    from baler.files.ledger.ledger import LedgerEntry
    from baler.files.ledger.mailbox_object import MailboxObject

MOST_AHEAD: Final = 16
"""Bundles that wait for their turn or for their delete, at most, each."""
MOST_BYTES_AHEAD: Final = 32 * 1024 * 1024
"""Of their objects. A larger object waits for its turn before it is fetched."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An object of the mailbox that waits for its turn.

    Attributes:
        item: the object.
        bundle_id: the bundle that is staged ahead; None where nothing is done ahead.
        staging: returns the bundle, or None where it must be taken in its turn.
    """

    item: MailboxObject
    bundle_id: str | None = None
    staging: Job[LedgerEntry | None] | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A delivered bundle that is being deleted; `job` returns whether it was there."""

    entry: LedgerEntry
    job: Job[bool]


class Pipeline:
    """What is under way.

    Args:
        crew: does it.
        stage: fetches and stages a bundle, without the ledger.
        remove: deletes a delivered bundle from the mailbox.
    """

    def __init__(
        self,
        crew: Crew,
        stage: Callable[[MailboxObject, str], LedgerEntry | None],
        remove: Callable[[LedgerEntry], bool],
    ) -> None:
        self._crew = crew
        self._stage = stage
        self._remove = remove
        self._turns: deque[Turn] = deque()
        self._removals: deque[Removal] = deque()

    @property
    def bundle_ids(self) -> set[str]:
        """The bundles that are staged ahead."""
        return {turn.bundle_id for turn in self._turns if turn.bundle_id is not None}

    def offer(self, item: MailboxObject, bundle_id: str | None) -> None:
        """Put an object into the row of turns; stage it ahead if it is a bundle for that, named by its id."""
        if bundle_id is None or item.size > MOST_BYTES_AHEAD:
            self._turns.append(Turn(item))
        else:
            self._turns.append(Turn(item, bundle_id, self._crew.start(partial(self._stage, item, bundle_id))))

    def next_turn(self, *, all_are_offered: bool) -> Turn | None:
        """Return the oldest; None where there is room to go on ahead of it, or none is left."""
        ahead = sum(turn.item.size for turn in self._turns if turn.staging is not None)
        if not self._turns or not (all_are_offered or len(self._turns) >= MOST_AHEAD or ahead > MOST_BYTES_AHEAD):
            return None
        return self._turns.popleft()

    def remove(self, entry: LedgerEntry) -> None:
        """Delete a bundle that is delivered from the mailbox."""
        self._removals.append(Removal(entry, self._crew.start(partial(self._remove, entry))))

    def next_removal(self, *, all_are_begun: bool) -> Removal | None:
        """Return the oldest, if it has ended or has to; None where there is nothing to wait for."""
        removals = self._removals
        if removals and (all_are_begun or removals[0].job.is_done or len(removals) >= MOST_AHEAD):
            return removals.popleft()
        return None

    def abandon(self, interruption_point: Callable[[], None]) -> None:
        """Drop all of it: what was delivered stays noted so, what was staged is swept away."""
        self._turns.clear()
        self._removals.clear()
        self._crew.abandon(interruption_point)
