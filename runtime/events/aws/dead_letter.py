"""What is sent to the dead letters of a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.aws.queue import OutgoingMessage

if TYPE_CHECKING:
    from baler.events.queue_message import Message
    from baler.events.refusal_reason import RefusalReason


def dead_letter(text: str, message: Message, refusal: RefusalReason | None) -> OutgoingMessage:
    """Return a message with the attributes that `baler dead-letters` reads.

    Args:
        text: its body: one object alone.
        message: in which that was announced.
        refusal: why it can never be processed.
    """
    return OutgoingMessage(
        text,
        {
            "reason": "" if refusal is None else refusal.value,
            "message-id": message.message_id,
            "sent-timestamp": round(message.sent_at * 1000),
            "receive-count": message.receives,
        },
    )
