"""What of the archived bundles waits in the mailbox."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from baler.files.bundle.ids import PREFIX, QUARANTINE_PREFIX, bundle_id_of, quarantined_bundle_id
from baler.files.register.keys import day_of, day_prefix

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from baler.files.register.ports import RegisterReader


class MailboxPlace(StrEnum):
    """Where in the mailbox a bundle lies."""

    WAITING = "waiting"
    QUARANTINED = "quarantined"


_PLACES: Final[tuple[tuple[MailboxPlace, str, Callable[[str], str]], ...]] = (
    (MailboxPlace.WAITING, PREFIX, bundle_id_of),
    (MailboxPlace.QUARANTINED, QUARANTINE_PREFIX, quarantined_bundle_id),
)


class MailboxStates:
    """Tells of bundles whether they are in the mailbox, by a listing for each day that is asked about.

    Args:
        mailbox: the distribution bucket; None tells nothing of any.
    """

    def __init__(self, mailbox: RegisterReader | None) -> None:
        self._mailbox = mailbox
        self._day: date | None = None
        self._states: dict[str, MailboxPlace] = {}

    def of(self, bundle_id: str) -> MailboxPlace | None:
        """Return where a bundle lies in the mailbox; None if it does not, or that is not known."""
        if self._mailbox is None:
            return None
        if (day := day_of(bundle_id)) != self._day:
            self._day, self._states = day, _states_of(self._mailbox, day)
        return self._states.get(bundle_id)


def _states_of(mailbox: RegisterReader, day: date) -> dict[str, MailboxPlace]:
    states: dict[str, MailboxPlace] = {}
    for state, prefix, id_of in _PLACES:
        for item in mailbox.listed(day_prefix(prefix, day)):
            try:
                states[id_of(item.key)] = state
            except ValueError:
                continue  # put there by hand
    return states
