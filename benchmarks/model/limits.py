"""What AWS lets a stack have, and what a load needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.aws.event_source import MOST_READERS

if TYPE_CHECKING:
    from baler.commands.cost.traffic import Traffic
    from benchmarks.model.outcome import Outcome

# S3 user guide, "Best practices design patterns": each prefix that S3 has partitioned. It partitions by itself, in tens
# of minutes, and answers 503 in the meantime.
PUTS_PER_PREFIX: Final = 3500
GETS_PER_PREFIX: Final = 5500
# DynamoDB developer guide, "On-demand capacity mode": what a new table takes, doubling in 30 minutes, and the quota.
NEW_TABLE_WRITES: Final = 4000
_TABLE_WRITES: Final = 40_000
# SQS developer guide, "Quotas": messages of a standard queue received and not yet deleted.
_IN_FLIGHT: Final = 120_000
# Lambda developer guide, "Quotas": at once, of all functions of an account in a region; a new account starts with less.
ACCOUNT_CONCURRENCY: Final = 1000


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit, and what is used of it.

    Attributes:
        remedy: what to do where it binds.
    """

    name: str
    used: float
    allowed: float
    remedy: str

    @property
    def binds(self) -> bool:
        """Whether the load needs more than there is."""
        return self.used > self.allowed


def limits(rate: float, traffic: Traffic, outcome: Outcome) -> list[Limit]:
    """Return the limits of the account and of the services for a rate of files per second."""
    bundles_per_second = traffic.bundles / traffic.files * rate
    writes = rate + bundles_per_second
    return [
        Limit("files put a second, one prefix", rate, PUTS_PER_PREFIX, "let the external party use more prefixes"),
        Limit("files read a second, one prefix", rate, GETS_PER_PREFIX, "let the external party use more prefixes"),
        Limit(
            "bundles put a second",
            bundles_per_second,
            PUTS_PER_PREFIX,
            "raise baler:filesBatchSize",
        ),
        Limit(
            "write units a second, new table",
            writes,
            NEW_TABLE_WRITES,
            "set the table's warm throughput before, or let the rate grow to it over half an hour",
        ),
        Limit("write units a second, quota of a table", writes, _TABLE_WRITES, "ask AWS for more"),
        Limit("messages in flight", outcome.most_in_flight, _IN_FLIGHT, "shorten baler:filesBatchingWindowSeconds"),
        Limit("functions at once, account", outcome.most_busy, ACCOUNT_CONCURRENCY, "ask AWS for more"),
        Limit(
            "readers of the event source",
            outcome.most_readers,
            MOST_READERS,
            "raise baler:filesFunctionMemoryMegabytes",
        ),
    ]
