"""A message of curation's queue, as Lambda hands it to the function, and what a copy of it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

TRIES: Final = "tries"
"""Attribute of a copy: tries that were used up before it was made."""
WAITS: Final = "waits"
"""Attribute of a copy: how often a store did not answer so far; it makes the next wait longer."""

_DIGITS_MAX: Final = 4


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the queue.

    Attributes:
        message_id: its id.
        receipt: by which it is hidden or deleted.
        body: what S3 wrote into it; hostile.
        sent_at: when SQS took it, seconds since the epoch; a copy is sent anew.
        receives: how often it was received, this time included.
        tries: tries that it has used up. Each receive before this one is a try whose run was refused what it asked
            for, or never ended: one that a store kept from its work has sent a copy.
        waits: how often a store did not answer.
    """

    message_id: str
    receipt: str
    body: str
    sent_at: float
    receives: int
    tries: int
    waits: int

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Return the message of a record of Lambda's event (Lambda developer guide, "Using Lambda with Amazon SQS")."""
        attributes, own = record["attributes"], record.get("messageAttributes", {})
        receives = int(attributes["ApproximateReceiveCount"])
        return cls(
            message_id=record["messageId"],
            receipt=record["receiptHandle"],
            body=record["body"],
            sent_at=int(attributes["SentTimestamp"]) / 1000,
            receives=receives,
            tries=_number(own, TRIES) + max(receives - 1, 0),
            waits=_number(own, WAITS),
        )


def _number(attributes: Mapping[str, Any], name: str) -> int:
    """Return a number that the function wrote; 0 for what anyone else may have written in its place."""
    text = str(attributes.get(name, {}).get("stringValue", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else 0
