from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runtime.events.sweeper.swept_hours import BadSweepError, folders_of, swept_hours

NOW = datetime(2026, 11, 26, 15, 1, 7, tzinfo=UTC)
PATIENCE = 25 * 3600


@pytest.mark.parametrize("event", [{}, {"time": "2026-11-26T15:00:00Z"}])
def test_an_hour_is_swept_when_events_a_day_late_are_old_enough_and_a_week_later(event: dict[str, str]) -> None:
    # The hour ends at 14:00 of the 24th; what is a day late came until 14:00 of the 25th, and is 25 hours old now.
    assert swept_hours(event, NOW, PATIENCE) == [
        datetime(2026, 11, 24, 13, tzinfo=UTC),
        datetime(2026, 11, 17, 13, tzinfo=UTC),
    ]


def test_a_late_run_sweeps_the_hours_of_its_time() -> None:
    late = NOW.replace(hour=18)
    assert swept_hours({"time": "2026-11-26T15:00:00Z"}, late, PATIENCE) == swept_hours({}, NOW, PATIENCE)


def test_people_name_an_hour() -> None:
    (hour,) = swept_hours({"hour": "2020-02-29T09"}, NOW, PATIENCE)
    assert "raw/event_type=transaction/year=2020/month=02/day=29/hour=09/" in folders_of(hour)
    assert len(folders_of(hour)) == 4


@pytest.mark.parametrize("event", [{"hour": "2026-02-30T09"}, {"hour": "2026-02-20"}, {"hour": 7}, {"time": "then"}])
def test_what_is_no_hour_is_refused(event: dict[str, object]) -> None:
    with pytest.raises(BadSweepError):
        swept_hours(event, NOW, PATIENCE)
