"""The stream: what producers put records into, and the processor reads them from."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement
from components.events.stream_key import StreamKey
from components.events.stream_settings import StreamMode

_MODES: Final[dict[StreamMode, str]] = {"provisioned": "PROVISIONED", "on-demand": "ON_DEMAND"}

# Every one that Kinesis has (API reference, EnableEnhancedMonitoring): one hot shard shows in none of the stream's.
_SHARD_METRICS: Final = (
    "IncomingBytes",
    "IncomingRecords",
    "IteratorAgeMilliseconds",
    "OutgoingBytes",
    "OutgoingRecords",
    "ReadProvisionedThroughputExceeded",
    "WriteProvisionedThroughputExceeded",
)


@dataclass(frozen=True, kw_only=True)
class EventStreamArgs:
    """How much the stream takes, how long it keeps it, and what encrypts it."""

    mode: StreamMode
    shards: int
    """Of a provisioned stream; one on demand has as many as it needs."""

    retention_hours: int
    key: StreamKey


class EventStream(pulumi.ComponentResource):
    """A stream, encrypted with a key of the stack's, measured shard by shard."""

    def __init__(self, name: str, args: EventStreamArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:event_stream:EventStream", name, None, opts)
        self._key = args.key
        stream = aws.kinesis.Stream(
            name,
            shard_count=args.shards if args.mode == "provisioned" else None,
            stream_mode_details=aws.kinesis.StreamStreamModeDetailsArgs(stream_mode=_MODES[args.mode]),
            retention_period=args.retention_hours,
            encryption_type="KMS",
            kms_key_id=args.key.arn,
            shard_level_metrics=list(_SHARD_METRICS),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name: pulumi.Output[str] = stream.name
        self.arn: pulumi.Output[str] = stream.arn
        self.register_outputs({"name": self.name, "arn": self.arn})

    def grant_put(self) -> list[Statement]:
        """Put records, and find out which shards there are."""
        return [
            {
                "Sid": "PutRecords",
                "Effect": "Allow",
                "Action": [
                    "kinesis:PutRecord",
                    "kinesis:PutRecords",
                    "kinesis:DescribeStreamSummary",
                    "kinesis:ListShards",
                ],
                "Resource": [self.arn],
            },
            *self._key.grant_encrypt(),
        ]

    def grant_consume(self) -> list[Statement]:
        """Read records: what Lambda does for the processor, from outside its network."""
        return [
            {
                "Sid": "ConsumeRecords",
                "Effect": "Allow",
                "Action": [
                    "kinesis:DescribeStream",
                    "kinesis:DescribeStreamSummary",
                    "kinesis:GetRecords",
                    "kinesis:GetShardIterator",
                    "kinesis:ListShards",
                ],
                "Resource": [self.arn],
            },
            *self._key.grant_decrypt(),
        ]

    def grant_describe(self) -> list[Statement]:
        """Ask when the stream was created, which tells it from one that had its name before."""
        return [
            {
                "Sid": "DescribeStream",
                "Effect": "Allow",
                "Action": ["kinesis:DescribeStreamSummary"],
                "Resource": [self.arn],
            }
        ]

    def grant_read(self) -> list[Statement]:
        """Describe the stream and read a range again, as what recovers it does itself; without `grant_decrypt`."""
        return [
            {
                "Sid": "ReadRecords",
                "Effect": "Allow",
                "Action": [
                    "kinesis:DescribeStreamSummary",
                    "kinesis:GetRecords",
                    "kinesis:GetShardIterator",
                    "kinesis:ListShards",
                ],
                "Resource": [self.arn],
            }
        ]

    def grant_decrypt(self) -> list[Statement]:
        """Let Kinesis decrypt what is read."""
        return self._key.grant_decrypt()
