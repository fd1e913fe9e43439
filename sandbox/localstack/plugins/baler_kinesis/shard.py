"""A shard: its records in order, what it takes in a second, and what time takes from it.

moto's counts 1, 2, 3, loses records that are put at once, looks through all of them for each call, and forgets none.
Limits: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from moto.kinesis.models import Record, Shard

from baler_kinesis.allowance import Allowance
from baler_kinesis.sequence_number import SequenceNumbers

if TYPE_CHECKING:
    from collections.abc import Callable

MEBIBYTE = 2**20
RECORDS_A_SECOND = 1000
BYTES_A_SECOND = MEBIBYTE
READS_A_SECOND = 5
BYTES_READ_A_SECOND = 2 * MEBIBYTE
RECORDS_A_READ = 10_000
BYTES_A_READ = 10 * MEBIBYTE

NUMBERS = SequenceNumbers()
# One for all: a record goes into a shard that is open, and reshards are rare.
LOCK = threading.RLock()


class Page(NamedTuple):
    """What one read finds."""

    records: list[Record]
    last: int
    """The number to go on behind."""
    behind_ms: int
    """Age of the oldest record that is not read yet, 0 where there is none."""
    ended: bool
    """Nothing is left, and nothing will come."""


class OrderedShard(Shard):
    """A shard that keeps what it is given, in the order of its numbers."""

    now: Callable[[], float] = staticmethod(time.time)
    steady: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A shard has its first number when it is made, and its last when it is closed, with records or without.
        self.first_number = NUMBERS.next()
        self.last_number: int | None = None
        self._log: list[Record] = []
        self._numbers: list[int] = []
        steady = self.steady()
        self._writes = Allowance(RECORDS_A_SECOND, BYTES_A_SECOND, now=steady)
        self._reads = Allowance(READS_A_SECOND, now=steady)
        self._bytes_read = Allowance(BYTES_READ_A_SECOND, now=steady)

    def held(self) -> list[Record]:
        """Return all that it holds."""
        with LOCK:
            return list(self._log)

    def admits(self, size: int) -> bool:
        """Take a record's size from what the shard takes in a second; return whether there was so much."""
        return self._writes.take(1, size, now=self.steady())

    def admits_read(self) -> bool:
        """Take a call from what the shard answers in a second; one whose last answer was large waits for it."""
        now = self.steady()
        return self._bytes_read.take(1, now=now) and self._reads.take(1, now=now)

    def put_record(self, partition_key: str, data: str, explicit_hash_key: str) -> str:
        """Append a record and return its number."""
        with LOCK:
            number = NUMBERS.next()
            record = Record(partition_key, data, number, explicit_hash_key)
            record.created_at = self.now()
            self._log.append(record)
            self._numbers.append(number)
        return str(number)

    def read(self, last: int, limit: int | None) -> Page:
        """Return what lies behind a number, as much as one call answers."""
        with LOCK:
            at = bisect_right(self._numbers, last)
            found: list[Record] = []
            size = 0
            for record in self._log[at : at + min(limit or RECORDS_A_READ, RECORDS_A_READ)]:
                size += decoded_length(record.data)
                if found and size > BYTES_A_READ:
                    break
                found.append(record)
            self._bytes_read.spend(size)
            rest = self._log[at + len(found) : at + len(found) + 1]
            behind = max(0, int((self.now() - rest[0].created_at) * 1000)) if rest else 0
            return Page(found, found[-1].sequence_number if found else last, behind, not rest and not self.is_open)

    def close(self) -> None:
        """Take no more records."""
        self.is_open = False
        self.last_number = NUMBERS.next()

    def trim(self, retention_hours: int) -> None:
        """Forget records that are older than the stream keeps them."""
        with LOCK:
            horizon = self.now() - retention_hours * 3600
            if not self._log or self._log[0].created_at >= horizon:
                return
            kept = next((at for at, record in enumerate(self._log) if record.created_at >= horizon), len(self._log))
            del self._log[:kept], self._numbers[:kept]

    def get_sequence_number_at(self, at_timestamp: float) -> int:
        """Return the number behind which records of a time and later lie."""
        with LOCK:
            earlier = [record.sequence_number for record in self._log if record.created_at < at_timestamp]
            return earlier[-1] if earlier else 0

    def get_min_sequence_number(self) -> int:
        """Return the number that the shard began with."""
        return self.first_number

    def get_max_sequence_number(self) -> int:
        """Return the number that a closed shard ended with, and that of an open one's newest record."""
        return self.last_number or (self._numbers[-1] if self._numbers else self.first_number)


def decoded_length(data: str) -> int:
    """Return how many bytes a text in base64 stands for."""
    return len(data) // 4 * 3 - data.count("=", -2)
