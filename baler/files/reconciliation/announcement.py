"""The message that announces a file again: what S3 itself would have sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from baler.files.landed_file import LandedFile

CONFIGURATION_ID: Final = "baler-reconciliation"
"""Stands where S3 names the notification configuration that caused an event: the mark of messages that are ours."""


def announcement(file: LandedFile) -> str:
    """Return the body of a message with one record (S3 user guide, "Event message structure").

    Its event time is that at which S3 took the file: the latency that is measured at its delivery is the true one, and
    the delay of the event is the part of it that reconciliation made up for.
    """
    landed: dict[str, object] = {"key": quote_plus(file.key), "size": file.size, "eTag": file.etag}
    if file.version_id is not None:
        landed["versionId"] = file.version_id
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": file.event_time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        # Which of S3's ways of putting it was is not kept.
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": CONFIGURATION_ID,
            "bucket": {"name": file.bucket, "arn": f"arn:aws:s3:::{file.bucket}"},
            "object": landed,
        },
    }
    return json.dumps({"Records": [record]})
