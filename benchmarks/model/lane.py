"""A queue and its readers, as the simulation has them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from baler.aws.event_source import MOST_IN_FLIGHT

if TYPE_CHECKING:
    from benchmarks.model.throttle import Throttle


class Reader:
    """Gathers one batch at a time and waits for the function."""

    __slots__ = ("arrivals", "cold", "fails", "lane", "place", "received_at", "turn")

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.arrivals: list[float] = []
        self.received_at = 0.0
        self.cold = True
        self.fails = False
        self.place = -1
        self.turn = 0


class Lane:
    """A queue, whose messages stand for `grain` files each.

    Attributes:
        files: what reading its files from S3 is limited by.
        backlog: when the messages arrived that no reader has.
        gathering: readers that take messages.
        gathered, working, hidden: messages that readers gather, that functions work on, and that wait for the end of
            their visibility timeout after a function that came to nothing.
        readers, closing: how many there are, and how many of them end with their batch.
        most_in_flight: of all that were in flight at once.
        refused_seconds: that it had as many in flight as SQS lets a queue have, and gave out none of its backlog.
    """

    def __init__(self, files: Throttle, grain: int = 1) -> None:
        self.files = files
        self._most_in_flight = MOST_IN_FLIGHT // grain
        self.backlog: deque[float] = deque()
        self.gathering: list[Reader] = []
        self.gathered = 0
        self.working = 0
        self.hidden = 0
        self.readers = 0
        self.closing = 0
        self.left_over_at = 0.0
        self.left_over_before = False
        self.most_in_flight = 0
        self.refused_seconds = 0.0

    @property
    def in_flight(self) -> int:
        """Messages that were received and not deleted."""
        return self.gathered + self.working + self.hidden

    @property
    def room(self) -> int:
        """How many more SQS gives out."""
        return self._most_in_flight - self.in_flight

    def take(self, reader: Reader, wanted: int) -> None:
        """Give a reader what is left over."""
        count = min(wanted, len(self.backlog), self.room)
        for _ in range(count):
            reader.arrivals.append(self.backlog.popleft())
        self.gathered += max(0, count)
        self.note()

    def note(self) -> None:
        """Note what is in flight."""
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
