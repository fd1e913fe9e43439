"""A Kinesis stream as a producer sees it: which records it took, and what a failed call means."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from baler.events.aws.kinesis_stream import KinesisStream
from baler.events.producer.outgoing_record import OutgoingRecord
from baler.events.producer.ports import StreamRefusedError
from baler.store_errors import Refused, Unavailable

RECORDS = [OutgoingRecord(b"a", "k"), OutgoingRecord(b"b", "l")]


class Client:
    """Answers PutRecords as it is told."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: dict[str, Any] = {}

    def put_records(self, **asked: Any) -> Any:
        self.asked = asked
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def refused(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutRecords")


def test_each_record_has_its_own_answer() -> None:
    taken = {"SequenceNumber": "1", "ShardId": "shardId-000000000000"}
    throttled = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow"}
    client = Client({"FailedRecordCount": 1, "Records": [throttled, taken]})

    assert KinesisStream(client, "stream").put(RECORDS) == [False, True]
    assert client.asked == {
        "StreamName": "stream",
        "Records": [{"Data": b"a", "PartitionKey": "k"}, {"Data": b"b", "PartitionKey": "l"}],
    }


@pytest.mark.parametrize(
    "error", [refused("LimitExceededException"), EndpointConnectionError(endpoint_url="http://kinesis")]
)
def test_what_is_known_not_to_have_been_taken_is_told_from_what_is_not(error: Exception) -> None:
    with pytest.raises(Refused):
        KinesisStream(Client(error), "stream").put(RECORDS)


@pytest.mark.parametrize("error", [refused("InternalFailure", 500), ReadTimeoutError(endpoint_url="http://kinesis")])
def test_no_answer_says_nothing(error: Exception) -> None:
    with pytest.raises(Unavailable) as caught:
        KinesisStream(Client(error), "stream").put(RECORDS)
    assert not isinstance(caught.value, Refused)


@pytest.mark.parametrize(
    "error", [refused("AccessDeniedException"), refused("ResourceNotFoundException"), NoCredentialsError()]
)
def test_what_somebody_has_to_change_is_not_tried_again(error: Exception) -> None:
    with pytest.raises(StreamRefusedError):
        KinesisStream(Client(error), "stream").put(RECORDS)
