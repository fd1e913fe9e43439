"""What is wrong with one record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from baler.events.rejection_reason import RejectionReason

FIELD_CHARACTERS_MAX: Final = 100
"""What is kept of a field's name: a key of a hostile document may have a million characters."""


class RecordFault(ValueError):  # noqa: N818 - the field's word for what is wrong with a record
    """A record can never become an event.

    Attributes:
        reason: what is wrong.
        field: where, at most 100 characters that can be encoded; empty where it is the whole.
    """

    def __init__(self, reason: RejectionReason, field: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.field = field[:FIELD_CHARACTERS_MAX].encode(errors="replace").decode()
