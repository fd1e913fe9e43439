"""S3 events and SQS messages as AWS writes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

LANDING = "landing"
LANDED_AT = datetime(2026, 11, 20, 9, 0, 0, 123000, tzinfo=UTC)


def s3_record(key: str, *, version: str | None = "v1", size: int = 5, bucket: str = LANDING) -> dict[str, Any]:
    """One record of an S3 event notification, schema 2.1."""
    landed: dict[str, Any] = {
        "key": quote_plus(key),
        "size": size,
        "eTag": "d41d8cd98f00b204e9800998ecf8427e",
        "sequencer": "0055AED6DCD90281E5",
    }
    if version is not None:
        landed["versionId"] = version
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-2",
        "eventTime": LANDED_AT.strftime("%Y-%m-%dT%H:%M:%S.") + "123Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:EXAMPLE"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": "EXAMPLE"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "landed",
            "bucket": {"name": bucket, "ownerIdentity": {"principalId": "EXAMPLE"}, "arn": f"arn:aws:s3:::{bucket}"},
            "object": landed,
        },
    }


def s3_event(*records: dict[str, Any]) -> str:
    """The body of the message that S3 sends."""
    return json.dumps({"Records": list(records)})


def event_bridge_event(key: str, *, version: str | None = "v1", size: int = 5, bucket: str = LANDING) -> dict[str, Any]:
    """What S3 sends through EventBridge; the key is not encoded there."""
    landed: dict[str, Any] = {
        "key": key,
        "size": size,
        "etag": "d41d8cd98f00b204e9800998ecf8427e",
        "sequencer": "0055AED6DCD90281E5",
    }
    if version is not None:
        landed["version-id"] = version
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": LANDED_AT.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-west-2",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "event-version": "1.0",
            "bucket": {"name": bucket},
            "object": landed,
            "request-id": "EXAMPLE",
            "requester": "444455556666",
            "source-ip-address": "192.0.2.1",
            "reason": "PutObject",
        },
    }


def sns_notification(message: str) -> str:
    """The body that SNS sends to a queue whose subscription has raw message delivery off."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": "arn:aws:sns:eu-west-2:111122223333:landed",
            "Subject": "Amazon S3 Notification",
            "Message": message,
            "Timestamp": "2026-11-20T09:00:01.000Z",
            "SignatureVersion": "1",
            "Signature": "EXAMPLE",
            "SigningCertURL": "https://sns.eu-west-2.amazonaws.com/EXAMPLE.pem",
            "UnsubscribeURL": "https://sns.eu-west-2.amazonaws.com/?Action=Unsubscribe",
        }
    )


def sqs_record(body: str, message_id: str = "m1", receive_count: int = 1) -> dict[str, Any]:
    """One record of the event that Lambda gets from SQS."""
    return {
        "messageId": message_id,
        "receiptHandle": f"handle-{message_id}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receive_count), "SentTimestamp": "1763629200000"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-2:000000000000:ingest",
        "awsRegion": "eu-west-2",
    }
