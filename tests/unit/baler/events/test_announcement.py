from __future__ import annotations

import json
from typing import Any

import pytest
from harness.events import s3_event, s3_record
from hypothesis import given, settings
from hypothesis import strategies as st

from baler.events.announcement import Announcement, MalformedMessageError, Refusal, announcements, message_of

BUCKET = "raw-bucket"
KEY = "raw/event_type=metric/year=2026/x.json"


def record(**changes: Any) -> dict[str, Any]:
    return {**s3_record(KEY, bucket=BUCKET), **changes}


def test_each_record_of_a_message_announces_an_object_by_its_own_key_and_time() -> None:
    first, second = announcements(s3_event(record(), s3_record("a b+é", bucket=BUCKET)), BUCKET)
    assert isinstance(first, Announcement)
    assert isinstance(second, Announcement)
    assert (first.key, first.put_at, first.again) == (KEY, 1795165200.123, False)
    assert second.key == "a b+é"


def test_a_record_is_told_again_by_a_message_of_its_own() -> None:
    first, second = announcements(s3_event(record(), s3_record("second", bucket=BUCKET)), BUCKET)
    assert announcements(second.message, BUCKET) == (second,)
    assert announcements(first.message, BUCKET) == (first,)


def test_the_test_event_of_s3_announces_nothing() -> None:
    assert announcements('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"raw-bucket"}', BUCKET) == ()


@pytest.mark.parametrize(
    "body", ["", "no json", "[]", "null", "{}", '{"Records": []}', '{"Records": 5}', "[" * 100_000]
)
def test_a_message_without_records_is_refused(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        announcements(body, BUCKET)


@pytest.mark.parametrize(
    "bad",
    [
        5,
        None,
        {},
        record(eventSource="aws:sns"),
        record(eventVersion="3.0"),
        record(eventVersion=2),
        record(eventName="ObjectRemoved:Delete"),
        record(eventTime="yesterday"),
        record(eventTime=5),
        record(s3={}),
        record(s3={"bucket": {"name": BUCKET}, "object": {"key": 5}}),
        record(s3={"bucket": {"name": BUCKET}, "object": {"key": "%ff"}}),
        s3_record(KEY, bucket="other"),
    ],
)
def test_a_bad_record_is_refused_and_its_neighbour_announced(bad: Any) -> None:
    refusal, good = announcements(json.dumps({"Records": [bad, record()]}), BUCKET)
    assert isinstance(refusal, Refusal)
    assert isinstance(good, Announcement)
    assert json.loads(refusal.message) == {"Records": [bad]}


@settings(max_examples=30)
@given(st.text(min_size=1).filter(lambda key: key.isprintable()), st.integers(0, 4_000_000_000_000))
def test_what_is_announced_here_is_read_here(key: str, milliseconds: int) -> None:
    (found,) = announcements(message_of(key, BUCKET, milliseconds / 1000), BUCKET)
    assert isinstance(found, Announcement)
    assert (found.key, round(found.put_at * 1000), found.again) == (key, milliseconds, True)
