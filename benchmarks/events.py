"""What S3 writes into the ingest queue about a file, and what Lambda passes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from benchmarks.stage import LANDING, REGION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.stage import Landed


def message_body(file: Landed) -> str:
    """Return the body of the message that announces a file: about 700 bytes, as from AWS."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": "2026-11-20T09:01:00.123Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "landed",
            "bucket": {
                "name": LANDING,
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": f"arn:aws:s3:::{LANDING}",
            },
            "object": {
                "key": quote_plus(file.key),
                "size": file.size,
                "eTag": file.etag,
                "versionId": file.version_id,
                "sequencer": "0055AED6DCD90281E5",
            },
        },
    }
    return json.dumps({"Records": [record]})


def invocation(files: Sequence[Landed]) -> dict[str, Any]:
    """Return the event of one batch, one message a file."""
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": f"handle-{number}",
                "body": message_body(file),
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795165260000"},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:000000000000:ingest",
                "awsRegion": REGION,
            }
            for number, file in enumerate(files)
        ]
    }
