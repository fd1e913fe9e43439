"""The day and hour of an event are those of its own time in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baler.events.event_time import EARLIEST, LATEST, event_time


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-01-15T23:30:00-05:00", "2024-01-16T04:30:00+00:00"),
        ("2024-03-10T02:30:00-05:00", "2024-03-10T07:30:00+00:00"),
        ("2024-01-15T10:30:00", "2024-01-15T10:30:00+00:00"),
        ("2024-01-15T10:59:59.999999999Z", "2024-01-15T10:59:59.999999+00:00"),
        ("2000-01-01T00:00:00Z", EARLIEST.isoformat()),
        ("2099-12-31T23:59:59.999999Z", "2099-12-31T23:59:59.999999+00:00"),
    ],
)
def test_a_time_is_read_in_utc(written: str, moment: str) -> None:
    assert event_time(written).isoformat() == moment


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2024-01-15",
        "2024-01-15T10:30Z",
        "2024-01-15 10:30:00Z",
        "2024-01-15T24:00:00Z",
        "2024-01-15T10:30:00Z\n",
        "2024-01-15T10:30:00.Z",
        "2024-01-15T10:30:00.1234567890Z",
        "2024-01-15T10:30:00,5Z",
        "2024-01-15T10:30:00+0500",
        "2024-01-15T10:30:00z",
        "1705314600",
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
    ],
)
def test_a_time_that_is_written_otherwise_or_lies_outside_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="time"):
        event_time(written)


@given(st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None), timezones=st.timezones()))
def test_whatever_the_offset_the_moment_is_the_same(moment: datetime) -> None:
    offset = moment.utcoffset()
    if offset is None or offset.seconds % 60 or not EARLIEST <= moment < LATEST:
        return
    assert event_time(moment.isoformat()) == moment.astimezone(UTC)
