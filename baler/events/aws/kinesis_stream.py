"""A Kinesis stream as a producer sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config

from baler.aws.faults import FAILURES, fault_of
from baler.events.producer.ports import StreamRefusedError
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.events.producer.outgoing_record import OutgoingRecord


class KinesisStream:
    """Puts records with one call each time: the producer counts and times what is sent again.

    Args:
        client: boto3's client, that makes each call once (`kinesis_stream` makes one).
        name: of the stream.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def put(self, records: Sequence[OutgoingRecord]) -> Sequence[bool]:
        """Put records; see `baler.events.producer.ports.EventStream`."""
        try:
            answer = self._client.put_records(
                StreamName=self._name,
                Records=[{"Data": record.data, "PartitionKey": record.partition_key} for record in records],
            )
        except FAILURES as error:
            fault = fault_of(error)
            message = f"put records into the stream {self._name}: {error}"
            if not fault.passes:
                raise StreamRefusedError(message) from error
            if fault.may_have_taken_effect:
                raise Unavailable(message) from error
            raise Refused(message, fault.reason) from error
        # A record that was refused has a code and no sequence number; HTTP 200 says nothing.
        return [not answered.get("ErrorCode") for answered in answer["Records"]]


def kinesis_stream(name: str) -> KinesisStream:
    """Return a stream of the account; endpoint, region and credentials are boto3's own settings."""
    config = Config(connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 1})
    # No stubs of it are installed: one call does not earn them.
    return KinesisStream(cast("Any", boto3).client("kinesis", config=config), name)
