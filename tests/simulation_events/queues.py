"""The queues that S3 announces objects to, by SQS's rules."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulation.world import World

VISIBILITY_SECONDS: Final = 108.0
"""How long a message that was received is hidden: six times the function's time."""

RECEIVES: Final = 5
"""After so many, a message goes to the dead letters in place of being received once more."""

_EVENT_DELAYS: Final = (0.1, 0.5, 1.0, 20.0, 70.0)


@dataclass(eq=False)
class Message:
    """What was put, when, from when on the message can be received, and how often it was."""

    key: str
    written_at: float
    visible_at: float
    receives: int = 0


@dataclass
class Queue:
    """One queue, its dead letters, and what feeds it.

    Attributes:
        seed: of how S3 announces.
        messages: in the order in which they came.
        dead: messages that were received too often.
        refused: keys that a function moved among the dead letters, with their reasons.
    """

    seed: int
    world: World
    messages: list[Message] = field(default_factory=list[Message])
    dead: list[Message] = field(default_factory=list[Message])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    _puts: int = 0

    @property
    def next_at(self) -> float | None:
        """When the next message can be received, seconds since the epoch; None if there is none."""
        return min((each.visible_at for each in self.messages), default=None)

    def announce(self, key: str) -> None:
        """S3 tells of a put: late, perhaps twice, in any order."""
        self._puts += 1
        chance = random.Random(f"{self.seed} {key} {self._puts}")  # noqa: S311 - a schedule, no secret
        now = self.world.now
        for _ in range(chance.choice((1, 1, 2))):
            due = now + chance.choice(_EVENT_DELAYS)
            self.world.at(due, lambda due=due: self.messages.append(Message(key, now, due)))

    def send(self, key: str, written_at: float, delay_seconds: float) -> None:
        """Add a message that is hidden at first."""
        self.messages.append(Message(key, written_at, self.world.now + delay_seconds))

    def receive(self, most: int = 1) -> Sequence[Message]:
        """Take messages that are visible, and hide them from others; those received too often are dead."""
        now = self.world.now
        visible = [each for each in self.messages if each.visible_at <= now]
        worn = [each for each in visible if each.receives >= RECEIVES]
        for each in worn:
            self.messages.remove(each)
            self.dead.append(each)
        taken = tuple(each for each in visible if each.receives < RECEIVES)[:most]
        for each in taken:
            each.receives += 1
            each.visible_at = now + VISIBILITY_SECONDS
        return taken

    def remove(self, message: Message) -> None:
        """Delete a message."""
        if message in self.messages:
            self.messages.remove(message)

    def redrive(self) -> None:
        """Send what is dead once more."""
        for each in self.dead:
            self.send(each.key, each.written_at, 0.0)
        self.dead.clear()
