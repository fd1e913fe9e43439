"""Sends the records as a producer does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from baler.events.aws.kinesis_stream import KinesisStream
from baler.events.producer.ports import StreamRefusedError
from baler.events.producer.producer import Producer
from baler.store_errors import Unavailable
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from baler.events.producer.statistics import Statistics
    from sandbox.demo.events.made_up import MadeUpRecord

_FLUSH_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class TakenRecord:
    """What the stream said of a record that it took.

    Attributes:
        shard_id: where it lies.
        sequence_number: its place there.
        data: its bytes.
        partition_key: that it was sent with.
        at: when the answer came, seconds since the epoch.
    """

    shard_id: str
    sequence_number: str
    data: bytes
    partition_key: str
    at: float


class Witness:
    """Kinesis' client, that remembers the stream's answers: a producer has no use for them, who delivers again has.

    Args:
        kinesis: a client of the producer's.

    Attributes:
        taken: what the stream has taken, in the order of its answers.
    """

    def __init__(self, kinesis: Any) -> None:
        self._kinesis = kinesis
        self.taken: list[TakenRecord] = []

    def put_records(self, **request: Any) -> Mapping[str, Any]:
        """Put records, as Kinesis does."""
        answer: Mapping[str, Any] = self._kinesis.put_records(**request)
        for record, answered in zip(request["Records"], answer["Records"], strict=True):
            if not answered.get("ErrorCode"):
                place = (answered["ShardId"], answered["SequenceNumber"])
                self.taken.append(TakenRecord(*place, record["Data"], record["PartitionKey"], time.time()))
        return answer


def send(
    witness: Witness, stream: str, records: Sequence[MadeUpRecord], rate: float, on_progress: Callable[[int], None]
) -> Statistics:
    """Send records, at most `rate` a second, with the library's own producer; return what it says of that.

    Args:
        witness: takes the calls.
        stream: its name.
        records: what to send.
        rate: records a second.
        on_progress: called with how many the stream has taken.

    Raises:
        SandboxError: the stream takes nothing.
    """
    producer = Producer(KinesisStream(witness, stream))
    try:
        _send(producer, records, rate, on_progress)
    except (StreamRefusedError, Unavailable) as error:
        raise SandboxError(f"The stream takes no records: {error}") from error
    return producer.statistics


def _send(producer: Producer, records: Sequence[MadeUpRecord], rate: float, on_progress: Callable[[int], None]) -> None:
    start = time.monotonic()
    for number, record in enumerate(records):
        due = start + number / rate
        if due - time.monotonic() > _FLUSH_SECONDS:
            producer.flush()
            on_progress(producer.statistics.sent)
            time.sleep(max(0.0, due - time.monotonic()))
        producer.send(record.data, record.partition_key)
    producer.flush()
    on_progress(producer.statistics.sent)
