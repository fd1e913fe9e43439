"""What lanes, functions and stores take, so that a rate that they cannot is refused before it is deployed.

What AWS allows is its default of each quota. The seconds of a function are a short form of the cost model's
(baler/commands/cost/function.py), which a test holds it to.
"""

import math
from typing import Final

from baler.aws.event_source import MESSAGES_PER_CALL, MOST_IN_FLIGHT

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
# Measured on one processor, of a batch and of a file.
_PROCESSOR_SECONDS: Final = (0.010, 0.00095)
# The calls of a file divided by the workers; the longest calls, which grow with their number; the puts of a bundle in a
# row; and a receive, since Lambda receives the next batch only when the last one is done.
_CALL_SECONDS_OF_A_FILE: Final = 0.0031
_LONGEST_CALL_SECONDS_OF_TEN_FILES: Final = 0.125
_PUT_SECONDS: Final = 0.245
_RECEIVE_SECONDS: Final = 0.0135


def least_lanes(*, files_per_second: float, visibility_timeout: int) -> int:
    """Return how many lanes have room for what is in flight when nothing that was received comes to its end.

    That is what an outage makes of a function that dies: each message is hidden for the visibility timeout, in seconds.
    SQS gives out nothing more of a queue that has no room left.
    """
    return math.ceil(files_per_second * visibility_timeout / MOST_IN_FLIGHT)


def most_per_second(*, lanes: int, visibility_timeout: int) -> int:
    """Return the files a second for which so many lanes have room."""
    return lanes * MOST_IN_FLIGHT // visibility_timeout


def files_per_second_of_a_function(*, batch_size: int, memory_megabytes: int) -> float:
    """Return how many files a function that gets full batches takes in a second."""
    of_a_batch, of_a_file = _PROCESSOR_SECONDS
    processor = (of_a_batch + batch_size * of_a_file) / min(1.0, memory_megabytes / _MEGABYTES_OF_A_PROCESSOR)
    calls = batch_size * _CALL_SECONDS_OF_A_FILE + _LONGEST_CALL_SECONDS_OF_TEN_FILES * math.log10(batch_size)
    receives = math.ceil(batch_size / MESSAGES_PER_CALL) * _RECEIVE_SECONDS
    return batch_size / (max(processor, calls) + _PUT_SECONDS + receives)


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
