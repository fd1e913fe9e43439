"""SQS: messages, and what it publishes of them each minute (SQS developer guide, "Available CloudWatch metrics")."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from metric_rules.cloudwatch import key_of

if TYPE_CHECKING:
    from metric_rules.cloudwatch import Metrics

POISON_RECEIVES: Final = 3
"""A message that was received so often and not deleted is left out of the age."""


@dataclass(slots=True, eq=False)
class Message:
    """A message in a queue; times are in seconds."""

    number: int
    sent_at: float
    visible_at: float
    receives: int = 0


@dataclass
class Queue:
    """A standard queue.

    Attributes:
        name: by which CloudWatch knows it.
        visibility: seconds for which a message that was received is not visible.
        most_receives: after which it moves to the dead letters; None in a queue without a redrive policy.
    """

    name: str
    visibility: float = 30.0
    most_receives: int | None = None
    dead_letters: Queue | None = None
    messages: dict[int, Message] = field(default_factory=dict[int, Message])
    _visible: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    _numbers: int = 0
    _sent: int = 0
    _deleted: int = 0

    def send(self, now: float) -> None:
        """Take a message that somebody sends."""
        self._sent += 1
        self._take(now)

    def receive(self, now: float) -> Message | None:
        """Return a visible message and hide it; those that were received too often go to the dead letters."""
        while self._visible and self._visible[0][0] <= now:
            visible_at, number = heapq.heappop(self._visible)
            message = self.messages.get(number)
            if message is None or message.visible_at != visible_at:
                continue
            if self.most_receives is not None and self.dead_letters and message.receives >= self.most_receives:
                del self.messages[number]
                # Not counted as sent there: only SendMessage is (developer guide, "NumberOfMessagesSent").
                self.dead_letters._take(now)
                continue
            message.receives += 1
            self.change_visibility(message, now + self.visibility)
            return message
        return None

    def change_visibility(self, message: Message, at: float) -> None:
        """Set when a message is visible again."""
        message.visible_at = at
        heapq.heappush(self._visible, (at, message.number))

    def delete(self, message: Message) -> None:
        """Delete a message."""
        if self.messages.pop(message.number, None):
            self._deleted += 1

    def visible(self, now: float) -> int:
        """Return how many messages can be received."""
        return sum(message.visible_at <= now for message in self.messages.values())

    def publish(self, metrics: Metrics, now: float) -> None:
        """Publish the minute that ends now. The age is there only while the queue has a message that counts for it."""
        minute = now - 1
        ages = [now - message.sent_at for message in self.messages.values() if message.receives < POISON_RECEIVES]
        visible = self.visible(now)
        found = {
            "ApproximateNumberOfMessagesVisible": visible,
            "ApproximateNumberOfMessagesNotVisible": len(self.messages) - visible,
            "NumberOfMessagesSent": self._sent,
            "NumberOfMessagesDeleted": self._deleted,
            **({"ApproximateAgeOfOldestMessage": max(ages)} if ages else {}),
        }
        self._sent = self._deleted = 0
        for name, value in found.items():
            metrics.put(key_of("AWS/SQS", name, {"QueueName": self.name}), minute, value)

    def _take(self, now: float) -> None:
        self._numbers += 1
        message = Message(self._numbers, now, now)
        self.messages[message.number] = message
        heapq.heappush(self._visible, (now, message.number))
