from __future__ import annotations

from harness.sightings import order

from baler.lake.versions import Version, versions_of


def test_versions_are_in_order_and_equal_neighbours_are_one() -> None:
    shown = [("10:10", "red"), ("10:00", "red"), ("10:05", "blue"), ("10:06", "blue"), ("10:15", "red")]
    sightings = [Version(order(f"2026-03-08T{time}"), content, time) for time, content in shown]
    assert [each.raw_s3_key for each in versions_of(sightings)] == ["10:00", "10:05", "10:10"]
