from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest

from baler.lake.order import Order, read_time, written_time
from baler.lake.raw_key import ForeignRawError, RawKey, RawMetadata

EVENT = datetime(2026, 3, 8, 23, 58, tzinfo=UTC)
HASH = hashlib.sha256(b"[]").hexdigest()
KEY = f"raw/source=randomuser/date=2026-03-08/20260308T235800Z-{HASH}.json"


@pytest.mark.requirement("LAKE-INGEST-03")
def test_the_key_is_made_of_the_event_and_the_content_alone() -> None:
    key = RawKey.of("randomuser", EVENT, b"[]")
    assert key.text == KEY
    assert RawKey.of("randomuser", EVENT.astimezone(timezone(timedelta(hours=14))), b"[]") == key
    assert RawKey.parse(KEY) == key


def test_the_bytes_are_held_to_the_key() -> None:
    key = RawKey.parse(KEY)
    key.check(b"[]")
    with pytest.raises(ForeignRawError, match="hash"):
        key.check(b"[1]")


@pytest.mark.parametrize(
    "key",
    [
        KEY.replace("raw/", "row/"),
        KEY.replace("randomuser", "Random"),
        KEY.replace("randomuser", "a--b"),
        KEY.replace("date=2026-03-08", "date=2026-03-09"),
        KEY.replace("2026-03-08", "2026-02-30").replace("20260308", "20260230"),
        KEY.replace(".json", ".json.gz"),
        KEY.replace(HASH, HASH.upper()),
        KEY + "\n",
        "raw/",
    ],
)
def test_a_foreign_key_is_refused(key: str) -> None:
    with pytest.raises(ForeignRawError):
        RawKey.parse(key)


@pytest.mark.requirement("LAKE-INGEST-04", "LAKE-QUEUE-02")
def test_metadata_says_what_the_documents_message_says() -> None:
    metadata = RawMetadata("randomuser", "users", Order(EVENT, 1001), HASH, 10)
    assert metadata.written() == {
        "source": "randomuser",
        "type": "users",
        "captured-at": "2026-03-08T23:58:00Z",
        "generation": "1001",
        "hash": HASH,
        "record-count": "10",
    }
    assert RawMetadata.parse(RawKey.parse(KEY), metadata.written()) == metadata


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source", "jsonplaceholder"),
        ("type", "Users!"),
        ("captured-at", "2026-03-08T23:59:00Z"),
        ("captured-at", "2026-03-08"),
        ("generation", "-1"),
        ("generation", "1e3"),
        ("hash", "0" * 64),
        ("record-count", ""),
    ],
)
def test_metadata_of_another_object_is_refused(name: str, value: str) -> None:
    written = RawMetadata("randomuser", "users", Order(EVENT, 1), HASH, 0).written()
    with pytest.raises(ForeignRawError):
        RawMetadata.parse(RawKey.parse(KEY), {**written, name: value})
    del written[name]
    with pytest.raises(ForeignRawError):
        RawMetadata.parse(RawKey.parse(KEY), written)


def test_versions_are_ordered_by_event_and_then_by_attempt() -> None:
    early, late = EVENT, EVENT + timedelta(minutes=5)
    assert Order(early, 9) < Order(late, 1) < Order(late, 2)


def test_times_are_written_in_one_way_and_sort_as_text() -> None:
    moments = [EVENT, EVENT + timedelta(seconds=1), EVENT + timedelta(days=400)]
    texts = [written_time(moment) for moment in moments]
    assert texts == sorted(texts)
    assert [read_time(text) for text in texts] == moments
    with pytest.raises(ValueError, match="zone"):
        written_time(datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused
    for text in ("2026-03-08T23:58:00+00:00", "2026-03-08T23:58:00.0Z", "2026-13-08T23:58:00Z"):
        with pytest.raises(ValueError, match=r"time|match|month"):
            read_time(text)
