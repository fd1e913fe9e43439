from __future__ import annotations

import json
from typing import Any

import pytest

from baler.lake.announcement import Announcement, MalformedMessageError, announcements, message_of

ANNOUNCED = Announcement("raw/source=posts/a b+ü.json", "v1", 1_773_014_400.5, again=True)


def record(**changes: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(message_of(ANNOUNCED, "raw"))["Records"][0]
    return {**read, **changes}


def body(*records: object) -> str:
    return json.dumps({"Records": records})


def test_a_message_reads_back_with_the_version_that_it_names() -> None:
    assert announcements(message_of(ANNOUNCED, "raw"), "raw") == (ANNOUNCED,)


@pytest.mark.requirement("LAKE-INGEST-04")
def test_an_event_of_s3_is_read_and_its_test_event_says_nothing() -> None:
    named = {"key": "raw/a+b%2Bc.json", "size": 3, "sequencer": "0"}
    s3 = record(eventName="ObjectCreated:Put", eventVersion="2.9", s3={"bucket": {"name": "raw"}, "object": named})
    assert announcements(body(s3), "raw") == (Announcement("raw/a b+c.json", None, 1_773_014_400.5),)
    assert announcements('{"Event": "s3:TestEvent"}', "raw") == ()


@pytest.mark.parametrize(
    "message",
    [
        "not JSON", "[]", "{}", '{"Records": []}', "[" * 100_000, body(None), body({}), body("text"),
        body(record(eventName="ObjectRemoved:Delete")),
        body(record(eventVersion="3.0")),
        body(record(eventTime="yesterday")),
        body(record(s3={"bucket": {"name": "other"}, "object": {"key": "raw/a.json"}})),
        body(record(s3={"bucket": {"name": "raw"}, "object": {"key": 7}})),
        body(record(s3={"bucket": {"name": "raw"}, "object": {"key": "raw/a.json", "versionId": ""}})),
        body(record(s3={"bucket": {"name": "raw"}, "object": "raw/a.json"})),
    ],
)  # fmt: skip
def test_what_announces_no_raw_object_is_refused(message: str) -> None:
    with pytest.raises(MalformedMessageError):
        announcements(message, "raw")
