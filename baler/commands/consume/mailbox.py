"""The mailbox as the consumer sees it: a port of three verbs, and what can go wrong behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from baler.files.ledger.mailbox_object import MailboxObject


class MailboxError(Exception):
    """A call to the mailbox failed; the message is a sentence for the operator."""


class MailboxUnavailableError(MailboxError):
    """The mailbox cannot be reached or does not keep up: any call would fail now, all can be tried again later."""


class MailboxRefusedError(MailboxError):
    """The mailbox refuses us: no such bucket, no credentials, no permission. Someone has to set something right."""


class ObjectGoneError(MailboxError):
    """The object was deleted or replaced after it was listed; the next listing shows it."""


@dataclass(frozen=True, slots=True)
class Content:
    """An object being downloaded.

    Attributes:
        metadata: its user metadata, without the `x-amz-meta-` prefix.
        chunks: its bytes, piece by piece; a broken connection raises MailboxUnavailableError here.
    """

    metadata: Mapping[str, str]
    chunks: Iterator[bytes]


class ConsumerMailbox(Protocol):
    """Where bundles wait. Every method raises a MailboxError, and no other error, for what the operator can meet."""

    def list(self) -> Iterator[MailboxObject]:
        """Yield what is in the mailbox in the order of the keys, which is the order of time: oldest bundle first."""
        ...

    def get(self, item: MailboxObject) -> AbstractContextManager[Content]:
        """Open exactly the object that was listed.

        Raises:
            ObjectGoneError: it is not there any more, or another one is.
        """
        ...

    def delete(self, key: str) -> bool:
        """Delete an object; return False where somebody else had done it already."""
        ...
