"""What lanes, functions and stores take, so that a rate that they cannot is refused before it is deployed.

What AWS allows is its default of each quota. The seconds of a function are a short form of the cost model's
(baler/commands/cost/function.py), which a test holds it to.
"""

import math
from typing import Final

from baler.aws.event_source import MOST_IN_FLIGHT

MOST_LANES: Final = 10
"""As many queues as a dead-letter queue can name as its sources (SQS API reference, SetQueueAttributes)."""

ACCOUNT_CONCURRENCY: Final = 1_000
"""Functions at work at once in an account and region, unless AWS is asked for more (Lambda developer guide, quotas)."""

WRITES_OF_A_PREFIX: Final = 3_500
"""Puts and deletes a second that S3 takes below a prefix (S3 user guide, "Best practices design patterns")."""

NEW_TABLE_WRITE_UNITS: Final = 4_000
"""Writes a second that a new table takes (DynamoDB developer guide, "Understanding DynamoDB warm throughput")."""

# A bundle is put into the mailbox and deleted from it.
_WRITES_OF_A_BUNDLE: Final = 2
# A claim is a write of one unit (an item of less than 1 KB); a bundle has two records, and retries write again.
_WRITES_OF_A_FILE: Final = 1.25
# Memory at which a function has a whole processor (Lambda developer guide, "Configure Lambda function memory").
_MEGABYTES_OF_A_PROCESSOR: Final = 1_769
# Measured on one processor, and of the calls of a file divided by the workers; of a bundle the puts, in a row.
_PROCESSOR_SECONDS_OF_A_FILE: Final = 0.00095
_CALL_SECONDS_OF_A_FILE: Final = 0.0035
_SECONDS_OF_A_BATCH: Final = 0.35


def hidden_messages(*, files_per_second: float, lanes: int, visibility_timeout: int) -> float:
    """Return how many messages of a lane are in flight at once when nothing that was received comes to its end.

    That is what an outage makes of a function that dies: each message is hidden for the visibility timeout, in seconds.
    """
    return files_per_second / lanes * visibility_timeout


def least_lanes(*, files_per_second: float, visibility_timeout: int) -> int:
    """Return how many lanes have room for that; SQS gives out nothing more of a queue that has none left."""
    return math.ceil(files_per_second * visibility_timeout / MOST_IN_FLIGHT)


def most_per_second(*, lanes: int, visibility_timeout: int) -> int:
    """Return the files a second for which so many lanes have room."""
    return lanes * MOST_IN_FLIGHT // visibility_timeout


def files_per_second_of_a_function(*, batch_size: int, memory_megabytes: int) -> float:
    """Return how many files a function that gets full batches takes in a second."""
    processor = _PROCESSOR_SECONDS_OF_A_FILE / min(1.0, memory_megabytes / _MEGABYTES_OF_A_PROCESSOR)
    return batch_size / (batch_size * max(processor, _CALL_SECONDS_OF_A_FILE) + _SECONDS_OF_A_BATCH)


def writes_of_the_mailbox(*, files_per_second: float, batch_size: int) -> float:
    """Return the writes a second of full batches, one bundle each."""
    return files_per_second / batch_size * _WRITES_OF_A_BUNDLE


def least_batch_size(*, files_per_second: float) -> int:
    """Return the files of a batch with which the mailbox takes the rate."""
    return math.ceil(files_per_second * _WRITES_OF_A_BUNDLE / WRITES_OF_A_PREFIX)


def warm_write_units(files_per_second: int) -> int | None:
    """Return what the claim table must take from the first moment on; None where a new one does."""
    units = math.ceil(files_per_second * _WRITES_OF_A_FILE)
    return units if units > NEW_TABLE_WRITE_UNITS else None
