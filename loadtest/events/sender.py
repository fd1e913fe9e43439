"""The producer of the load: sends events when they are due, however long the calls before take.

Needs gevent and leaves it to Locust to patch the standard library.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import gevent
from botocore.exceptions import BotoCoreError, ClientError
from gevent.pool import Pool

from loadtest.events.content import event_of, partition_key_of
from loadtest.events.ledger import Place, SentEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadtest.shapes import Shape

# How long events are gathered for one call, and so how late the first of them may be.
_GATHER_SECONDS: Final = 0.2
# Limits of PutRecords.
_MOST_RECORDS: Final = 500
_CALLS_AT_ONCE: Final = 16
_RETRY_SECONDS: Final = 0.2

_Due: TypeAlias = tuple[int, float]


class Sender:
    """Sends the events of a shape.

    Args:
        kinesis: a client that makes each call once.
        stream: its name.
        run: the id of the run.
        shape: the load.
        on_call: called after each call with its seconds, its bytes and the error, if any, that ended it.
        on_sent: called with what the stream has taken.

    Attributes:
        done: every event was taken, or given up.
        given_up: events whose call stayed without an answer: the stream may have them, and nobody knows where.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - wired in one place
        self,
        kinesis: Any,
        stream: str,
        run: str,
        shape: Shape,
        on_call: Callable[[float, int, Exception | None], None],
        on_sent: Callable[[dict[Place, SentEvent]], None],
    ) -> None:
        self._kinesis = kinesis
        self._stream = stream
        self._run = run
        self._shape = shape
        self._on_call = on_call
        self._on_sent = on_sent
        self.done = False
        self.given_up = 0

    def send_all(self) -> None:
        """Send every event; returns when the last one is taken. Killing this greenlet ends all of it."""
        calls = Pool(_CALLS_AT_ONCE)
        start = time.monotonic()
        gathered: list[_Due] = []
        try:
            for number, due in enumerate(self._shape.arrivals()):
                if gathered and (due - gathered[0][1] >= _GATHER_SECONDS or len(gathered) == _MOST_RECORDS):
                    calls.spawn(self._put, gathered, start)  # waits where too many are under way
                    gathered = []
                gathered.append((number, due))
                # Yields to the calls also where it is late already.
                gevent.sleep(max(0.0, start + due - time.monotonic()))
            calls.spawn(self._put, gathered, start)
            calls.join()
            self.done = True
        finally:
            calls.kill()

    def _put(self, events: Sequence[_Due], start: float) -> None:
        """Put events, those that are refused again."""
        waiting: list[_Due] = list(events)
        late = time.monotonic() - start
        while waiting:
            now = time.time()
            records = [
                {"Data": event_of(self._run, number, now), "PartitionKey": partition_key_of(number)}
                for number, _ in waiting
            ]
            began = time.monotonic()
            failure: Exception | None = None
            answers: Sequence[Any] = ()
            try:
                answers = self._kinesis.put_records(StreamName=self._stream, Records=records)["Records"]
            except (BotoCoreError, ClientError) as error:
                failure = error
            self._on_call(time.monotonic() - began, sum(len(record["Data"]) for record in records), failure)
            if failure is not None:
                self.given_up += len(waiting)
                return
            taken_at = time.time()
            pairs: list[tuple[_Due, Any]] = list(zip(waiting, answers, strict=True))
            self._on_sent(
                {
                    Place(answer["ShardId"], answer["SequenceNumber"]): SentEvent(number, late - due, taken_at)
                    for (number, due), answer in pairs
                    if not answer.get("ErrorCode")
                }
            )
            waiting = [event for event, answer in pairs if answer.get("ErrorCode")]
            if waiting:
                gevent.sleep(_RETRY_SECONDS)
