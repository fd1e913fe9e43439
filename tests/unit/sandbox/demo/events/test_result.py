from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.demo.events.proof import Proof
from sandbox.demo.events.result import RECORDS, EventsResult

RIGHT = EventsResult(
    records=RECORDS,
    events=5850,
    rejections=150,
    redelivered=400,
    redelivered_in_vain=True,
    shards=(2, 4),
    sent_per_second=200.0,
    latencies=[float(seconds) for seconds in range(1, 21)],
    processed_objects=480,
    table_files=200,
    compacted_files=8,
    proof=Proof(),
    settled=True,
)


def test_what_is_exact_in_time_and_compact_passes() -> None:
    assert RIGHT.passed
    assert RIGHT.to_json()["latency_seconds"] == {"p50": 10.0, "p95": 19.0, "p99": 20.0}
    assert RIGHT.to_json()["fewer_times"] == 60


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (replace(RIGHT, proof=Proof(lost=["a"])), "exact"),
        (replace(RIGHT, settled=False), "exact"),
        (replace(RIGHT, redelivered_in_vain=False), "exact"),
        (replace(RIGHT, latencies=[30.0]), "in_time"),
        (replace(RIGHT, latencies=[]), "in_time"),
        (replace(RIGHT, compacted_files=10), "compact"),
    ],
)
def test_one_thing_that_is_wrong_fails_it(wrong: EventsResult, what: str) -> None:
    assert not wrong.passed
    assert [name for name in ("exact", "in_time", "compact") if not getattr(wrong, name)] == [what]


def test_a_short_demo_is_not_judged_by_how_compact_the_table_is() -> None:
    assert replace(RIGHT, records=RECORDS - 1, compacted_files=100).passed
