"""What lands, and how it is announced: S3's own faults are here (late, twice, two in one message, another order)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harness.events import LANDED_AT, LANDING, s3_event, s3_record

from components.files.timing import longest_stay_days

if TYPE_CHECKING:
    from collections.abc import Callable

# Seconds since the epoch at which every schedule begins.
START: Final = LANDED_AT.timestamp()

_BURST: Final = (0.0, 0.0, 0.0, 0.0, 12.0)
_AGAIN: Final = (0.0, 0.0, 0.0, 1.0, 25.0, 200.0)
_AVAILABLE_AFTER: Final = (0.0, 0.0, 0.0, 0.2, 5.0, 300.0)
_BUNDLE_BYTES: Final = (1000, 1000, 1000, 6)
_REDRIVE_DAYS: Final = (0, 0, 0, 3, 8)
_RETURN_DAYS: Final = (None, None, None, 0, 10, 17, 19)
# A landing retention of 7 days: what is left of a file is deleted so long after it landed, at the latest.
_LIVES_DAYS: Final = (7, 8, longest_stay_days(landing_retention=7))


@dataclass(frozen=True, slots=True)
class File:
    """A file version that lands.

    Attributes:
        key, version: its name.
        content: its bytes.
        available_after: seconds from the start until it can be fetched; None if never.
        kills: the process that fetches it dies, until all is well.
    """

    key: str
    version: str
    content: bytes
    available_after: float | None
    kills: bool = False

    @property
    def identity(self) -> str:
        return f"{LANDING}/{self.key}@{self.version}"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A message: the files that it announces, none if it is poison, and when it comes, in seconds from the start."""

    number: int
    after: float
    files: tuple[File, ...]

    @property
    def body(self) -> str:
        if not self.files:
            return "not an event"
        return s3_event(*(s3_record(file.key, version=file.version, size=len(file.content)) for file in self.files))


@dataclass(frozen=True, slots=True)
class Workload:
    """What one schedule is about.

    Attributes:
        aggregators: how many may run at once.
        batch: messages that one receives at most.
        bundle_bytes: what goes into one bundle at most.
        announcements: the messages.
        redrive_days: how long dead letters wait until somebody sends them back.
        return_days: when all is done, every message comes once more so many days later; None if not.
        lives_days: how long a file can be fetched.
        prompt_ttl: DynamoDB deletes what has expired at once, or not at all.
    """

    aggregators: int
    batch: int
    bundle_bytes: int
    announcements: tuple[Announcement, ...]
    redrive_days: int
    return_days: int | None
    lives_days: int
    prompt_ttl: bool

    @property
    def files(self) -> dict[str, File]:
        """The files that are announced, by identity."""
        return {file.identity: file for message in self.announcements for file in message.files}


def draw_workload(seed: int) -> Workload:
    """Draw a small workload: most faults need no more than two files and two processes to meet."""
    rng = random.Random(f"workload {seed}")  # noqa: S311 - a schedule, no secret
    chance: Callable[[float], bool] = lambda share: rng.random() < share  # noqa: E731
    files = [
        File(
            key="k0" if number and chance(0.1) else f"k{number}",
            version=f"v{number}",
            content=b"%d" % number * rng.randint(0, 9),
            available_after=None if chance(0.05) else rng.choice(_AVAILABLE_AFTER),
            kills=chance(0.05),
        )
        for number in range(rng.choice((1, 2, 2, 3, 3, 4)))
    ]
    sent: list[tuple[float, tuple[File, ...]]] = []
    for number, file in enumerate(files):
        after = rng.choice(_BURST)
        with_it = (rng.choice(files[: number + 1]),) if chance(0.15) else ()
        sent.append((after, (file, *with_it)))
        if chance(0.6):
            sent.append((after + rng.choice(_AGAIN), (file,)))
    if chance(0.1):
        sent.append((0.0, ()))
    rng.shuffle(sent)
    sent.sort(key=lambda message: message[0])
    return Workload(
        aggregators=rng.choice((1, 2, 2, 3, 3, 4)),
        batch=rng.choice((1, 2, 2, 3, 10)),
        bundle_bytes=rng.choice(_BUNDLE_BYTES),
        announcements=tuple(Announcement(number, after, files) for number, (after, files) in enumerate(sent)),
        redrive_days=rng.choice(_REDRIVE_DAYS),
        return_days=rng.choice(_RETURN_DAYS),
        lives_days=rng.choice(_LIVES_DAYS),
        prompt_ttl=chance(0.5),
    )
