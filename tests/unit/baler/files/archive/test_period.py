"""Times as people write them on the command line, and the stretch of a listing that they mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from baler.cli.period import Period, PeriodError
from baler.files.archive.period import is_before, start_after
from baler.files.bundle.ids import new_bundle_id


def bundle_at(moment: str) -> str:
    return new_bundle_id(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp(), bytes(8))


def holds(period: Period, bundle_id: str) -> bool:
    """Say what a listing would do with a bundle."""
    key = f"bundles/{bundle_id[:4]}/{bundle_id[4:6]}/{bundle_id[6:8]}/{bundle_id}"
    return key > start_after(period, "bundles/") and not is_before(period, bundle_id)


@pytest.mark.parametrize("day", ["2026-11-20", "20261120"])
def test_a_day_as_the_end_has_all_its_hours_however_it_is_written(day: str) -> None:
    for start in (None, day):
        period = Period.parse(start, day)
        assert holds(period, bundle_at("2026-11-20T00:00:00"))
        assert holds(period, bundle_at("2026-11-20T23:59:59.999"))
        assert not holds(period, bundle_at("2026-11-21T00:00:00"))
    assert not holds(Period.parse(day, None), bundle_at("2026-11-19T23:59:59.999"))


@pytest.mark.parametrize("end", ["9999-12-31", "99991231", "9999-12-31T23:59:59"])
def test_the_end_of_the_calendar_is_no_end(end: str) -> None:
    assert holds(Period.parse("2026-11-20", end), bundle_at("2026-11-20T09:00:00"))
    assert holds(Period.parse(end.partition("T")[0], end), bundle_at("9999-12-31T12:00:00"))


@pytest.mark.parametrize("year", [1, 10, 999])
def test_years_of_fewer_digits_are_years_all_the_same(year: int) -> None:
    period = Period.parse(f"{year:04d}-01-02", f"{year:04d}-03-04")
    assert start_after(period, "p/") == f"p/{year:04d}/01/02/{year:04d}0102T000000000"
    assert is_before(period, bundle_at("2026-11-20T09:00:00"))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T09:30", "20261120T093000000"),
        ("2026-11-20 09:30", "20261120T093000000"),
        ("20261120T09:30", "20261120T093000000"),
        ("2026-11-20T09:30:15", "20261120T093015000"),
        ("2026-11-20T09:30:15.250", "20261120T093015250"),
        ("2026-11-20T09:30Z", "20261120T093000000"),
        ("2026-11-20T09:30+01:00", "20261120T083000000"),
        ("2026-11-20T23:30:15.250-01:00", "20261121T003015250"),
    ],
)
def test_a_time_is_meant_to_the_millisecond(text: str, moment: str) -> None:
    assert start_after(Period.parse(text, None), "p/").endswith(f"/{moment}")


def test_a_bundle_of_the_same_second_but_before_the_end_is_in_the_period() -> None:
    period = Period.parse(None, "2026-11-20T09:01:02.500")
    assert holds(period, bundle_at("2026-11-20T09:01:02.345"))
    assert not holds(period, bundle_at("2026-11-20T09:01:02.500"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026",
        "2026-11",
        "2026-W47-5",
        "2026W475",
        "2026-324",
        "20.11.2026",
        "11/20/2026",
        "2026-11-20T09",
        "09:30",
        "2026-11-20T0930",
        "20261120T093000",
        "2026-11-20\n",
        " 2026-11-20",
        "\u0662\u0660\u0662\u0666-11-20",
        "1764000000",
        "2026-11-20T09:30:15.5",
        "2026-11-20T09:30+0100",
        "2026-11-20T09:30 UTC",
        "-2026-11-20",
        "12026-11-20",
    ],
)
@pytest.mark.parametrize("option", ["--from", "--to"])
def test_what_is_not_understood_is_answered_with_what_is(text: str, option: str) -> None:
    arguments = (text, None) if option == "--from" else (None, text)
    with pytest.raises(
        PeriodError, match=rf"{option} .* is not a time\. It is a day, 2026-11-20 or 20261120, or a time"
    ):
        Period.parse(*arguments)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "20260230",
        "0000-01-01",
        "2026-13-01",
        "2026-11-20T09:60",
        "2026-11-20T09:30:60",
        "2026-11-20T09:30+99:00",
    ],
)
def test_what_the_calendar_does_not_have_is_refused_in_words(text: str) -> None:
    with pytest.raises(PeriodError, match="is no date or time of the calendar"):
        Period.parse(None, text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"])
def test_an_offset_that_leads_out_of_the_calendar_is_refused_in_words(text: str) -> None:
    with pytest.raises(PeriodError, match="before the year 1 or after the year 9999"):
        Period.parse(text, None)
