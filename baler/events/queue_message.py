"""A message of a queue, as Lambda hands it to a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the queue.

    Attributes:
        message_id: its id.
        body: what S3 wrote into it.
        sent_at: when SQS took it, seconds since the epoch.
        receives: how often it was received, this time included.
    """

    message_id: str
    body: str
    sent_at: float
    receives: int

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Return the message of a record of Lambda's event (Lambda developer guide, "Using Lambda with Amazon SQS")."""
        attributes = record["attributes"]
        return cls(
            record["messageId"],
            record["body"],
            int(attributes["SentTimestamp"]) / 1000,
            int(attributes["ApproximateReceiveCount"]),
        )
