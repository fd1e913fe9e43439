"""What is simulated, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Load:
    """What arrives.

    Attributes:
        rate: files per second.
        seconds: how long.
        warm_up_seconds: the time at the start in which the event source adds readers; its files are counted apart.
        seed: of everything random.
    """

    rate: float
    seconds: float
    warm_up_seconds: float
    seed: int


@dataclass(slots=True)
class Outcome:
    """What was seen.

    Attributes:
        steady, warm_up: seconds from S3's event to the bundle in the mailbox, of files whose message arrived after and
            during the warm-up, sorted.
        files, batches: done.
        arrived: messages that came in.
        readers, most_readers: at the end, and at most.
        most_busy: functions at work at once, at most.
        most_in_flight: messages received and not yet deleted, at most.
        backlog: messages that no reader had taken, at the end; `backlog_before` at two thirds of the time.
        busy_seconds: that the function worked, of all environments.
        present_over_time, present_by_file: seconds that messages were in the queue or worked on, all added up: as time
            went by, and of those files that were done.
    """

    steady: list[float] = field(default_factory=list[float])
    warm_up: list[float] = field(default_factory=list[float])
    files: int = 0
    batches: int = 0
    arrived: int = 0
    readers: int = 0
    most_readers: int = 0
    most_busy: int = 0
    most_in_flight: int = 0
    backlog: int = 0
    backlog_before: int = 0
    busy_seconds: float = 0.0
    present_over_time: float = 0.0
    present_by_file: float = 0.0
