"""What is simulated, and what was seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Load:
    """What arrives.

    Attributes:
        rate: files per second.
        seconds: how long.
        warm_up_seconds: the time at the start in which the event source adds readers; its files are counted apart.
        seed: of everything random.
        grain: files that one simulated message stands for; a divisor of the batch size. At thousands of files a second
            ten make a run ten times as short, and arrivals a little more uneven than they are.
        table_writes: write units a second that the claim table takes.
        lane_reads: files a second that S3 lets be read of a lane's prefix.
        outage_begins, outage_ends: seconds between which each function dies that is invoked.
    """

    rate: float
    seconds: float
    warm_up_seconds: float
    seed: int
    grain: int = 1
    table_writes: float = math.inf
    lane_reads: float = math.inf
    outage_begins: float = math.inf
    outage_ends: float = math.inf

    def is_out(self, now: float) -> bool:
        """Tell whether a function that is invoked now dies."""
        return self.outage_begins <= now < self.outage_ends


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
        most_in_flight: messages of one lane received and not yet deleted, at most.
        refused_seconds: that a lane had so many in flight that SQS gave out no more, though some waited.
        backlog: messages that wait to be taken, or for the end of their visibility timeout, at the end;
            `backlog_before` at two thirds of the time.
        failed_batches: that came to nothing: an outage, or a store that refused until the function's timeout.
        throttled, slowed: shares of what was asked of the table, and of S3's reads, that was refused at first.
        caught_up_at: when nothing waited any more after the outage; None where that did not come.
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
    refused_seconds: float = 0.0
    backlog: int = 0
    backlog_before: int = 0
    busy_seconds: float = 0.0
    failed_batches: int = 0
    throttled: float = 0.0
    slowed: float = 0.0
    caught_up_at: float | None = None
    present_over_time: float = 0.0
    present_by_file: float = 0.0
