"""SQS in memory: visibility timeouts, receive counts, at-least-once delivery and the dead-letter queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulation.workload import Announcement

# Fewer than any stack has, so that messages run out of them; more than it takes to find out what kills.
MAX_RECEIVES: Final = 8


@dataclass(slots=True)
class Queued:
    """A message in the queue, or once in it; `crashes` are the processes that died with it, but not of time."""

    message_id: str
    announcement: Announcement
    sent_at: float
    visible_at: float
    receives: int = 0
    crashes: int = 0


@dataclass(slots=True)
class IngestQueue:
    """The ingest queue and its dead-letter queue.

    Attributes:
        visibility: seconds for which a received message is not seen again.
        messages: by message id, in the order in which they were sent.
        dead: the dead letters.
        moved: ids of the messages of which the function put a copy among them.
    """

    visibility: float
    messages: dict[str, Queued] = field(default_factory=dict[str, Queued])
    dead: list[Queued] = field(default_factory=list[Queued])
    moved: set[str] = field(default_factory=set[str])
    _sent: int = 0

    def send(self, announcement: Announcement, now: float) -> None:
        """Take a message, under an id that no other has."""
        message_id = f"m{self._sent}"
        self._sent += 1
        self.messages[message_id] = Queued(message_id, announcement, now, now)

    def next_visible(self) -> float | None:
        """When there is something to receive, seconds since the epoch."""
        return min((message.visible_at for message in self.messages.values()), default=None)

    def receive(self, now: float, most: int, *, newest_first: bool, hide: bool) -> list[Queued]:
        """Return visible messages; those that were received too often go to the dead letters instead."""
        visible = [message for message in self.messages.values() if message.visible_at <= now]
        received: list[Queued] = []
        for message in reversed(visible) if newest_first else visible:
            if len(received) == most:
                break
            message.receives += 1
            if message.receives > MAX_RECEIVES:
                del self.messages[message.message_id]
                self.dead.append(message)
                continue
            if hide:
                message.visible_at = now + self.visibility
            received.append(message)
        return received

    def set_visibility(self, message: Queued, at: float) -> None:
        """Set when a message is visible again, whoever has received it since."""
        message.visible_at = at

    def move(self, message: Queued) -> None:
        """Put a copy of a message among the dead letters."""
        self.moved.add(message.message_id)
        self.dead.append(message)

    def delete(self, message: Queued) -> None:
        """Delete a message; one that is gone is deleted too."""
        self.messages.pop(message.message_id, None)

    def redrive(self, now: float) -> None:
        """Send every dead letter back; SQS gives it a new id and counts its receives anew."""
        dead, self.dead = self.dead, []
        for message in dead:
            self.send(message.announcement, now)
