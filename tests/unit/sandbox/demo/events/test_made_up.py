"""What the demo sends, held against the pipeline's own rules: they agree, and come from different places."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from baler.events.parsing.parse import parse
from baler.events.partition import hour_path_of
from baler.events.rejection_reason import RejectionReason
from baler.events.stream_record import StreamRecord
from baler.events.transformation import Thresholds, transform
from sandbox.demo.events.made_up import HOURS, MadeUpRecord, made_up

TODAY = datetime(2026, 11, 26, 13, 45, tzinfo=UTC)


@pytest.fixture(scope="module")
def records() -> list[MadeUpRecord]:
    return made_up(3000, 14, TODAY)


def of_the_stream(record: MadeUpRecord) -> StreamRecord:
    return StreamRecord("shardId-000000000000", f"{1:056}", 0, record.partition_key, 1764164701.5, record.data)


def test_each_becomes_what_is_expected_of_it(records: list[MadeUpRecord]) -> None:
    for record in records:
        parsed = parse([of_the_stream(record)])
        if record.expected is None:
            assert [rejection.reason.value for rejection in parsed.rejections] == [record.reason]
            continue
        (event,) = parsed.events
        assert f"event_type={event.type}/{hour_path_of(event.at)}" == record.expected.folder
        processed = json.loads(transform(event.line, Thresholds(), TODAY), parse_float=Decimal)
        assert processed["enriched_data"] == record.expected.enriched
        amount = processed["original_data"].get("amount")
        assert amount == record.expected.amount


def test_they_are_of_all_types_in_some_closed_hours_and_wrong_in_many_ways(records: list[MadeUpRecord]) -> None:
    folders = {record.expected.folder for record in records if record.expected}
    reasons = Counter(record.reason for record in records if record.reason)

    assert len(folders) == 4 * HOURS
    assert all("/year=2026/month=11/day=25/" in folder for folder in folders)
    assert len(reasons) == 13
    assert set(reasons) < {reason.value for reason in RejectionReason}
    assert sum(reasons.values()) == 3000 // 40


def test_some_are_the_same_bytes_as_one_before(records: list[MadeUpRecord]) -> None:
    assert len(records) - len({record.data for record in records}) >= 10


def test_the_same_seed_makes_the_same_records(records: list[MadeUpRecord]) -> None:
    again = made_up(3000, 14, TODAY)

    assert again == records
    assert again != made_up(3000, 15, TODAY)
