"""Sends records, as many as fit with each call, and exactly the refused ones again."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Final, Self

from baler.events.producer.call import MOST_BYTES, MOST_RECORDS, next_call
from baler.events.producer.event_record import event_record
from baler.events.producer.outgoing_record import OutgoingRecord, RecordRefusedError
from baler.events.producer.statistics import Statistics
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from baler.events.producer.ports import EventStream

PATIENCE_SECONDS: Final = 60.0
"""How long a producer tries while the stream takes nothing at all, by default."""

# The wait before a call that follows refusals is random, up to this, and up to twice as long each time that a call
# brings nothing; a shard's limits are those of a second.
# "Full jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
_BACKOFF_SECONDS: Final = 0.1
_LONGEST_BACKOFF_SECONDS: Final = 5.0


class Producer:
    """Sends records into one stream. It belongs to one thread.

    A record is kept until the stream has taken it. Where a call stays without an answer its records are sent again, and
    may then be in the stream twice: the stream cannot tell, and what comes behind it takes them for two events.

    As a context manager it flushes at the end of a block that went well.

    Args:
        stream: takes the records.
        most_records: of a call; 1 to 500.
        patience_seconds: how long to try while the stream takes nothing at all.
        clock: seconds, of a clock that never goes back.
        wait: sleeps for some seconds.
        chance: a random number from 0 to 1.

    Attributes:
        statistics: what it has done so far.
    """

    def __init__(  # noqa: PLR0913 - the last three are the world, which tests make up
        self,
        stream: EventStream,
        *,
        most_records: int = MOST_RECORDS,
        patience_seconds: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if not 1 <= most_records <= MOST_RECORDS:
            raise ValueError(f"a call takes 1 to {MOST_RECORDS} records, not {most_records}")
        self.statistics = Statistics()
        self._stream = stream
        self._most_records = most_records
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._wait = wait
        self._chance = chance
        self._waiting: list[OutgoingRecord] = []
        self._waiting_bytes = 0
        # Of each of them, how often it was sent.
        self._tries: list[int] = []
        self._vain_calls = 0
        self._started: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()

    @property
    def waiting(self) -> Sequence[OutgoingRecord]:
        """The records that the stream has not taken yet, in their order; those of a call without an answer too."""
        return tuple(self._waiting)

    def send_event(self, event: Mapping[str, Any], partition_key: str) -> None:
        """Send an event, checked as the processor will check it; see `event_record` and `send`.

        Raises:
            RecordRefusedError: it would be rejected, or is beyond a limit. It is counted and not sent.
        """
        try:
            record = event_record(event, partition_key)
        except RecordRefusedError as error:
            self.statistics.refused[error.reason] += 1
            raise
        self._take(record)

    def send(self, data: bytes, partition_key: str) -> None:
        """Take a record, and send what waits as soon as it fills a call.

        Raises:
            RecordRefusedError: it is beyond a limit of the stream. It is counted and not sent.
            Unavailable, StreamRefusedError: as `flush`. The record is among those that wait.
        """
        try:
            record = OutgoingRecord(data, partition_key)
        except RecordRefusedError as error:
            self.statistics.refused[error.reason] += 1
            raise
        self._take(record)

    def flush(self) -> None:
        """Send until nothing waits.

        Raises:
            Unavailable: the stream took nothing for as long as the patience lasts. Nothing is lost: what waits is sent
                by the next call of this method.
            StreamRefusedError: it refuses us, now and later.
        """
        self._send_while(lambda: bool(self._waiting))

    def _take(self, record: OutgoingRecord) -> None:
        if self._started is None:
            self._started = self._clock()
        self._waiting.append(record)
        self._waiting_bytes += record.size
        self._tries.append(0)
        self._send_while(self._fills_a_call)

    def _fills_a_call(self) -> bool:
        """Whether what waits is as much as one call takes: more is never kept."""
        return len(self._waiting) >= self._most_records or self._waiting_bytes >= MOST_BYTES

    def _send_while(self, needed: Callable[[], bool]) -> None:
        last_success = self._clock()
        while needed():
            if self._vain_calls:
                self._wait(self._backoff())
            try:
                accepted = self._call()
            except Unavailable:
                if self._clock() - last_success >= self._patience_seconds:
                    raise
                continue
            if accepted:
                last_success = self._clock()
            elif self._clock() - last_success >= self._patience_seconds:
                raise Refused("the stream takes no record", "throttled")

    def _call(self) -> int:
        """Make one call; return how many records the stream took."""
        places = next_call(self._waiting, self._most_records)
        self.statistics.calls += 1
        self.statistics.retried += sum(self._tries[place] > 0 for place in places)
        for place in places:
            self._tries[place] += 1
        # Until the stream says otherwise: an error of any kind leaves all of them waiting.
        self._vain_calls += 1
        try:
            answers = self._stream.put([self._waiting[place] for place in places])
        except Refused:
            raise
        except Unavailable:
            self.statistics.unanswered += len(places)
            raise
        finally:
            self.statistics.seconds = self._clock() - (self._started or 0.0)
        taken = {place for place, accepted in zip(places, answers, strict=True) if accepted}
        if taken:
            self._vain_calls = int(len(taken) < len(places))
            self._remove(taken)
        return len(taken)

    def _remove(self, taken: set[int]) -> None:
        size = sum(self._waiting[place].size for place in taken)
        self._waiting_bytes -= size
        self.statistics.sent += len(taken)
        self.statistics.sent_bytes += size
        self._waiting = [record for place, record in enumerate(self._waiting) if place not in taken]
        self._tries = [tries for place, tries in enumerate(self._tries) if place not in taken]

    def _backoff(self) -> float:
        longest = _BACKOFF_SECONDS * 2.0 ** min(self._vain_calls - 1, 10)
        return self._chance() * min(longest, _LONGEST_BACKOFF_SECONDS)
