"""What happens to the stream in the middle: it is resharded, and delivers again what it had delivered."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.demo.events.sending import TakenRecord
    from sandbox.deployed import DeployedEvents
    from sandbox.engine.endpoint import Endpoint

_AGAIN: Final = 100
_ALIAS: Final = "live"


@dataclass(frozen=True, slots=True)
class Redelivery:
    """Records of a shard that the processor was given once more.

    Attributes:
        records: how many.
        all_done: it took all of them for done.
    """

    records: int
    all_done: bool


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What was done to the stream.

    Attributes:
        shards: how many were open before and after.
        again: what was delivered once more while the same and later records were being processed.
    """

    shards: tuple[int, int]
    again: Sequence[Redelivery]


def disturb(
    aws: Endpoint, deployed: DeployedEvents, taken: Sequence[TakenRecord], say: Callable[[str], None]
) -> Disturbance:
    """Reshard the stream, and deliver again."""
    shards = _reshard(aws, deployed)
    say(f"The stream is resharded, from {shards[0]} open shards to {shards[1]}.")
    again = deliver_again(aws, deployed, taken)
    say(f"{sum(each.records for each in again)} records are delivered a second time.")
    return Disturbance(shards, again)


def deliver_again(aws: Endpoint, deployed: DeployedEvents, taken: Sequence[TakenRecord]) -> list[Redelivery]:
    """Give the processor the first records of each shard once more, as the poller does that has lost its checkpoint."""
    of_shard: dict[str, list[TakenRecord]] = defaultdict(list)
    for record in taken:
        of_shard[record.shard_id].append(record)
    return [_deliver_again(aws, deployed, records) for records in of_shard.values()]


def _reshard(aws: Endpoint, deployed: DeployedEvents) -> tuple[int, int]:
    """Double the stream's open shards; return how many there were and are."""
    summary = aws.kinesis.describe_stream_summary(StreamName=deployed.stream)["StreamDescriptionSummary"]
    before: int = summary["OpenShardCount"]
    aws.kinesis.update_shard_count(
        StreamName=deployed.stream, TargetShardCount=2 * before, ScalingType="UNIFORM_SCALING"
    )
    return before, 2 * before


def _deliver_again(aws: Endpoint, deployed: DeployedEvents, taken: Sequence[TakenRecord]) -> Redelivery:
    records = sorted(taken, key=lambda record: record.sequence_number)[:_AGAIN]
    event = {"Records": [_lambda_record(record, deployed) for record in records]}
    answer = aws.functions.invoke(
        FunctionName=deployed.processor_function, Qualifier=_ALIAS, Payload=json.dumps(event).encode()
    )
    said: Any = json.loads(answer["Payload"].read())
    return Redelivery(len(records), "FunctionError" not in answer and said == {"batchItemFailures": []})


def _lambda_record(record: TakenRecord, deployed: DeployedEvents) -> dict[str, Any]:
    """Return a record as Lambda hands it over.

    https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
    """
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.partition_key,
            "sequenceNumber": record.sequence_number,
            "data": base64.b64encode(record.data).decode(),
            "approximateArrivalTimestamp": record.at,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{record.shard_id}:{record.sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::000000000000:role/poller",
        "awsRegion": deployed.region,
        "eventSourceARN": deployed.stream_arn,
    }
