"""An object in the mailbox, as its listing shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class MailboxObject:
    """One object in the mailbox, as listed.

    Attributes:
        key: the exact object key.
        etag: its entity tag.
        size: bytes.
        last_modified: when the object was put, UTC.
    """

    key: str
    etag: str
    size: int
    last_modified: datetime

    @property
    def fingerprint(self) -> str:
        """What changes whenever the object is replaced, even by the same bytes with other metadata."""
        return f"{self.etag} {self.last_modified.isoformat()}"
