"""How Lambda reads a queue: rules of the event source, and how full batches get under them.

Nothing that runs in Lambda needs it: thresholds of alarms and the cost model are derived from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# Lambda developer guide, "Configuring scaling behavior for SQS event source mappings": a standard queue is read by five
# at first, by up to 300 more each minute that messages are left, by 1,250 at the most, of which a maximum concurrency,
# which Baler sets, lets 1,000 work. Fewer than five in quiet times are not to be had with one.
FIRST_READERS: Final = 5
MORE_READERS_PER_MINUTE: Final = 300
MOST_READERS: Final = 1000
# SQS developer guide, "Amazon SQS standard queue quotas": messages of a queue received and not yet deleted, about. A
# reader that polls long is told nothing, and gets none (there).
MOST_IN_FLIGHT: Final = 120_000
# SQS gives out so many messages at most in one answer, and takes so many deletes in one request.
MESSAGES_PER_CALL: Final = 10
# The longest that SQS lets a receive wait.
LONG_POLL_SECONDS: Final = 20


def first_readers(maximum_concurrency: int) -> int:
    """Return how many batches are gathered at once before messages are left over."""
    return min(FIRST_READERS, maximum_concurrency)


def files_per_batch(
    rate: float, *, readers: int, batch_size: int, batching_window: float, seconds: Callable[[float], float]
) -> float:
    """Return the average number of files in a batch at a steady rate.

    Each reader gathers a batch of its own: from its first message on for the batching window, then the function works.
    So files spread over all readers, and a batch is full only where the rate is high enough for each of them.

    Args:
        rate: files per second.
        readers: how many gather at once.
        batch_size: files at which a batch is full.
        batching_window: seconds.
        seconds: how long the function takes for a batch of so many files.
    """
    files = 1.0
    # Larger batches take longer, in which more files arrive: a few rounds settle it, or reach the batch size.
    for _ in range(50):
        arriving = 1 + rate * (batching_window + seconds(files)) / readers
        files = min(float(batch_size), arriving)
    return files
