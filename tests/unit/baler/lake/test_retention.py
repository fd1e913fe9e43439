"""How long what belongs to a day is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

from baler.lake.aws.version_items import version_item
from baler.lake.order import Order
from baler.lake.retention import FOR_EVER, Retention
from baler.lake.versions import Version

DAY = date(2026, 3, 8)
END = round(datetime(2026, 3, 16, tzinfo=UTC).timestamp())


def test_whole_days_are_kept_after_the_day_of_the_first_capture() -> None:
    week = Retention(7)
    assert week.expires_at(DAY) == END
    assert [week.is_over(DAY, END + late) for late in (-1, 0, 1)] == [False, True, True]


def test_for_ever_has_no_end() -> None:
    assert FOR_EVER.expires_at(DAY) is None
    assert not FOR_EVER.is_over(DAY, END * 1000.0)


def test_a_version_ends_with_the_day_of_its_sighting() -> None:
    version = Version(Order(datetime(2026, 3, 8, 23, 55, tzinfo=UTC), 1), "f" * 64, "raw/key")
    assert version_item("posts-1", version, Retention(7))["expires_at"] == {"N": str(END)}
    assert "expires_at" not in version_item("posts-1", version)
