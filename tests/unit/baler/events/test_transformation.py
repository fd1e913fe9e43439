"""What the transformer adds, by type and at each limit, and that what the producer sent is not touched."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from harness.stream_records import record

from baler.events.parsing.parse import parse
from baler.events.transformation import BadRawLineError, Thresholds, transform

NOW = datetime(2024, 1, 15, 10, 31, tzinfo=UTC)
MOMENT = "2024-01-15T23:30:00-05:00"


def enriched(event_type: str, thresholds: Thresholds | None = None, **fields: object) -> dict[str, Any]:
    data = json.dumps({"timestamp": MOMENT, "event_type": event_type, **fields}).encode()
    (event,) = parse([record(data)]).events
    return json.loads(transform(event.line, thresholds or Thresholds(), NOW))["enriched_data"]


@pytest.mark.requirement("EVENT-TRANSFORM-01")
@pytest.mark.parametrize(
    ("amount", "category", "is_high_value"),
    [
        (-5000, "micro", False),
        (-0.0, "micro", False),
        (9.99, "micro", False),
        (10, "small", False),
        (99.99, "small", False),
        (100, "medium", False),
        (999.99, "medium", False),
        (1000, "large", False),
        (1000.01, "large", True),
        (2**64 + 1, "large", True),
    ],
)
def test_a_transaction_gets_its_date_a_category_and_whether_its_value_is_high(
    amount: float, category: str, is_high_value: object
) -> None:
    assert enriched("transaction", amount=amount) == {
        "transaction_date": "2024-01-16",
        "amount_category": category,
        "is_high_value": is_high_value,
    }


@pytest.mark.requirement("EVENT-TRANSFORM-02")
@pytest.mark.parametrize(
    ("duration", "category"), [(0, "short"), (59.9, "short"), (60, "medium"), (599.9, "medium"), (600, "long")]
)
def test_a_user_action_gets_its_date_and_a_category_of_its_session(duration: float, category: str) -> None:
    assert enriched("user_action", session_duration=duration) == {
        "action_date": "2024-01-16",
        "session_duration_category": category,
    }


@pytest.mark.parametrize("fields", [{}, {"session_duration": None}])
def test_a_user_action_without_a_duration_has_no_category_of_it(fields: dict[str, None]) -> None:
    assert enriched("user_action", None, **fields) == {"action_date": "2024-01-16"}


@pytest.mark.requirement("EVENT-TRANSFORM-03")
@pytest.mark.parametrize(
    ("value", "value_range", "is_anomaly"),
    [
        (-0.1, "negative", True),
        (0, "low", False),
        (19.9, "low", False),
        (20, "normal", False),
        (80, "normal", False),
        (80.1, "high", False),
        (100, "high", False),
        (100.1, "high", True),
    ],
)
def test_a_metric_gets_its_date_a_range_and_whether_it_is_an_anomaly(
    value: float, value_range: str, is_anomaly: object
) -> None:
    assert enriched("metric", value=value) == {
        "metric_date": "2024-01-16",
        "value_range": value_range,
        "is_anomaly": is_anomaly,
    }


def test_nothing_is_added_to_a_system_event() -> None:
    assert enriched("system_event", severity="low") == {}


def test_limits_are_arguments() -> None:
    thresholds = Thresholds(small_from=1, medium_from=2, large_from=3, high_value_above=2)
    assert enriched("transaction", thresholds, amount=2.5)["amount_category"] == "medium"
    assert enriched("transaction", thresholds, amount=2.5)["is_high_value"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"small_from": 100},
        {"large_from": 50},
        {"medium_session_from": 0},
        {"long_session_from": 60},
        {"normal_from": 80},
        {"expected_to": 0},
        {"expected_to": float("nan")},
    ],
)
def test_limits_that_do_not_rise_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="do not rise"):
        Thresholds(**wrong)


@pytest.mark.requirement("EVENT-TRANSFORM-04")
def test_the_raw_line_is_preserved_byte_for_byte_with_what_the_document_lists_beside_it() -> None:
    data = (
        b'{"timestamp":"2024-01-15T10:30:00Z", "event_type":"transaction","amount":9007199254740993.10,"x":"\\u00e9"}'
    )
    (event,) = parse([record(data)]).events
    line = transform(event.line, Thresholds(), NOW)
    assert line.startswith(b'{"original_data":' + event.line + b',"enriched_data":')
    document = json.loads(line)
    assert list(document) == ["original_data", "enriched_data", "record_id", "processed_timestamp", "metadata"]
    assert document["record_id"] == event.record_id
    assert document["processed_timestamp"] == "2024-01-15T10:31:00Z"
    assert document["metadata"] == {
        "source": "kinesis-stream",
        "processing_stage": "transformed",
        "version": "1.0",
    }


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b'{"event_type":"metric","timestamp":"2024-01-15T10:30:00Z","value":1}',
        b'{"event_type":"other","timestamp":"2024-01-15T10:30:00Z","kinesis":{"record_id":"a"}}',
        b'{"event_type":"metric","timestamp":"2024-01-15T10:30:00Z","value":"1","kinesis":{"record_id":"a"}}',
        b'{"event_type":"metric","timestamp":5,"value":1,"kinesis":{"record_id":"a"}}',
        b"[" * 100_000,
    ],
)
def test_a_line_that_the_processor_does_not_write_is_refused(line: bytes) -> None:
    with pytest.raises(BadRawLineError):
        transform(line, Thresholds(), NOW)
