"""Whether it is the mailbox that cannot be reached, or one of its objects that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.commands.consume.mailbox import MailboxUnavailableError


class Outage:
    """Lets nothing be held up by a single object that cannot be read while others can.

    Args:
        fail: gets the key of such an object, and what is wrong.
    """

    def __init__(self, fail: Callable[[str, str], None]) -> None:
        self._fail = fail
        self._pending: tuple[str, MailboxUnavailableError] | None = None

    def met(self, key: str, error: MailboxUnavailableError) -> None:
        """An object could not be read or deleted.

        Raises:
            MailboxUnavailableError: the second in a row.
        """
        if self._pending is not None:
            raise error
        self._pending = (key, error)

    def passed(self) -> None:
        """Another could, or what is wrong with it is its own."""
        if self._pending is not None:
            self._fail(self._pending[0], str(self._pending[1]))
            self._pending = None

    def end(self) -> None:
        """Nothing follows.

        Raises:
            MailboxUnavailableError: of the last object.
        """
        if self._pending is not None:
            raise self._pending[1]
