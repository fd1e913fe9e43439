from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from baler.events.recovery.failure_object import BadFailureObjectError, failure_object
from baler.events.stream_record import StreamRecord

STREAM = "arn:aws:kinesis:eu-central-1:123456789012:stream/events"
SHARD = "shardId-000000000000"


def kinesis_record(number: str, data: bytes = b"{}") -> dict[str, Any]:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "key",
            "sequenceNumber": number,
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": 1_700_000_000.25,
        },
        "eventID": f"{SHARD}:{number}",
        "eventSourceARN": STREAM,
    }


def written(*records: dict[str, Any], **batch: object) -> dict[str, Any]:
    return {
        "requestContext": {"condition": "RecordAgeExceeded", "approximateInvokeCount": 3},
        "version": "1.0",
        "KinesisBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": "11",
            "endSequenceNumber": "12",
            "batchSize": 2,
            "streamArn": STREAM,
            **batch,
        },
        "payload": json.dumps({"Records": list(records)}),
    }


def test_the_records_are_those_of_the_stream_byte_for_byte() -> None:
    found = failure_object(json.dumps(written(kinesis_record("11", b"\xff\x00"), kinesis_record("12"))).encode())

    assert (found.stream, found.shard_id, found.condition) == (STREAM, SHARD, "RecordAgeExceeded")
    assert found.records == (
        StreamRecord(SHARD, "11", 0, "key", 1_700_000_000.25, b"\xff\x00"),
        StreamRecord(SHARD, "12", 0, "key", 1_700_000_000.25, b"{}"),
    )


@pytest.mark.parametrize(
    "document",
    [
        "no object",
        {},
        written(kinesis_record("11"), kinesis_record("12")) | {"payload": "{"},
        written(kinesis_record("11"), kinesis_record("12")) | {"payload": None},
        written(),
        written(kinesis_record("11"), {"kinesis": {"data": "e30="}}),
    ],
)
def test_what_lambda_does_not_write_is_refused(document: object) -> None:
    with pytest.raises(BadFailureObjectError, match="writes no such object"):
        failure_object(json.dumps(document).encode())


def test_an_object_without_records_says_how_to_take_them_from_the_stream() -> None:
    times = {
        "approximateArrivalOfFirstRecord": "2026-11-20T09:30:15.250Z",
        "approximateArrivalOfLastRecord": "2026-11-20T09:31:15.250Z",
    }
    document = written(kinesis_record("11"), kinesis_record("12"), **times)
    del document["payload"]

    with pytest.raises(BadFailureObjectError) as refused:
        failure_object(json.dumps(document).encode())

    assert "none of its 2 records" in str(refused.value)
    assert f"--shard {SHARD} --from 2026-11-20T09:30:15 --to 2026-11-20T09:31:16" in str(refused.value)


def test_what_would_exhaust_the_parser_is_refused() -> None:
    with pytest.raises(BadFailureObjectError, match="writes no such object"):
        failure_object(b"[" * 100_000)


@pytest.mark.parametrize(
    "document",
    [
        written(kinesis_record("11")),
        written(kinesis_record("11"), kinesis_record("12"), shardId="shardId-000000000001"),
        written(kinesis_record("11"), kinesis_record("twelve")),
        written(kinesis_record("11"), kinesis_record("12"), endSequenceNumber="13"),
        written(kinesis_record("11"), kinesis_record("12"), batchSize=3),
    ],
)
def test_an_object_that_holds_other_records_than_it_says_is_refused(document: object) -> None:
    with pytest.raises(BadFailureObjectError, match="other records"):
        failure_object(json.dumps(document).encode())


def test_records_out_of_order_are_refused() -> None:
    document = written(kinesis_record("11"), kinesis_record("13"), kinesis_record("12"), batchSize=3)

    with pytest.raises(BadFailureObjectError, match="order"):
        failure_object(json.dumps(document).encode())
