"""Whatever stops delivery pages somebody in time; what does not, pages nobody."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from metric_rules.causes import CAUSES, CAUSES_OF_PUSH, NOTHING, Cause, Fed
from metric_rules.lake_causes import ALL_IS_FETCHED, CAUSES_OF_LAKE
from metric_rules.outage import fired, minutes_of, paging_alarms
from metric_rules.page import PAGE, minutes_to_page, observe, render
from metric_rules.stream_causes import ALL_IS_WELL, CAUSES_OF_STREAM, StreamCause

from baler.files.reason import Reason
from runtime.files.aggregator.file_outcome import rejected, retry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.recorded_program import Deployed
    from metric_rules.lake_causes import LakeCause
    from metric_rules.outage import Fired

BY_NAME = {cause.name: cause for cause in CAUSES_OF_PUSH}


@pytest.fixture(scope="module")
def observed(deployed: Deployed, pushing: Deployed, stream: Deployed, lake: Deployed) -> dict[str, Sequence[Fired]]:
    """The alarms of each cause: what the page is made of."""
    stacks = (
        (deployed, CAUSES),
        (pushing, CAUSES_OF_PUSH),
        (stream, CAUSES_OF_STREAM),
        (lake, CAUSES_OF_LAKE),
    )
    return {cause.name: observe(stack, cause) for stack, causes in stacks for cause in causes}


@pytest.mark.requirement("PULL-NFR-07", "PULL-NFR-04")
@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_somebody_is_paged_in_time_whatever_goes_wrong(observed: dict[str, Sequence[Fired]], cause: Cause) -> None:
    assert cause.minutes is not None
    assert minutes_to_page(observed[cause.name]) <= cause.minutes


@pytest.mark.requirement("PUSH-NFR-07", "PUSH-NFR-04", "PUSH-NFR-08")
@pytest.mark.parametrize("cause", CAUSES_OF_PUSH, ids=lambda cause: cause.name)
def test_so_it_is_with_a_receiver_that_takes_no_bundles_and_a_courier_that_brings_none(
    observed: dict[str, Sequence[Fired]], cause: Cause
) -> None:
    paged = minutes_to_page(observed[cause.name])
    if cause.minutes is None:
        assert (observed[cause.name], math.isinf(paged)) != ([], False)
    else:
        assert paged <= cause.minutes


@pytest.mark.requirement("EVENT-OBS-02", "EVENT-FLOW-03")
@pytest.mark.parametrize("cause", CAUSES_OF_STREAM, ids=lambda cause: cause.name)
def test_so_it_is_with_events_that_do_not_get_into_the_processed_store(
    observed: dict[str, Sequence[Fired]], cause: StreamCause
) -> None:
    paged = minutes_to_page(observed[cause.name])
    if cause.minutes is None:
        assert (observed[cause.name], math.isinf(paged)) != ([], True)
        assert math.isinf(paged)
    else:
        assert paged <= cause.minutes


@pytest.mark.requirement("LAKE-OBS-03")
@pytest.mark.parametrize("cause", CAUSES_OF_LAKE, ids=lambda cause: cause.name)
def test_so_it_is_with_records_that_do_not_get_into_the_lake(
    observed: dict[str, Sequence[Fired]], cause: LakeCause
) -> None:
    paged = minutes_to_page(observed[cause.name])
    if cause.minutes is None:
        assert [each.name for each in observed[cause.name]] == ["lake-source-jsonplaceholder-failing"]
    else:
        assert paged <= cause.minutes


def test_a_healthy_lake_raises_no_alarm(lake: Deployed) -> None:
    assert fired(lake, ALL_IS_FETCHED, minutes=20) == []


def test_a_healthy_stream_raises_no_alarm_however_little_or_much_comes(stream: Deployed) -> None:
    for rate in (0.0, 0.02, 10.0, 60.0):
        assert fired(stream, ALL_IS_WELL, minutes=10, rate=rate) == []


def test_what_pages_of_the_stream_clears_by_itself(stream: Deployed) -> None:
    cause = next(each for each in CAUSES_OF_STREAM if each.unavailable and each.shards > 1)
    paging = paging_alarms(stream)
    states = [on & paging for _, on in islice(minutes_of(stream, cause, lasts_minutes=8), 16)]
    assert {"events-batch-age", "events-stalled"} in states
    assert states[-1] == set()


@pytest.mark.requirement("PUSH-PLAN-05", "PUSH-NFR-08")
def test_each_kind_of_outage_of_the_receiver_has_an_alarm_of_its_own(observed: dict[str, Sequence[Fired]]) -> None:
    """Or the runbook would have to tell them apart."""
    expected = {
        "receiver refuses connections": "files-receiver-unreachable",
        "receiver does not answer": "files-receiver-unreachable",
        "receiver is full (503)": "files-receiver-unreachable",
        "receiver refuses every bundle (422)": "files-receiver-refuses",
        "receiver does not know the address (404)": "files-receiver-refuses",
        "receiver refuses our credentials (401)": "files-credentials-refused",
        "receiver refuses one bundle in twenty (422)": "files-refused-bundles",
    }
    assert {name: [each.name for each in observed[name]] for name in expected} == {
        name: [alarm] for name, alarm in expected.items()
    }


def test_a_courier_that_delivers_raises_no_alarm(pushing: Deployed) -> None:
    for rate in (0.0, 0.02, 10.0):
        assert fired(pushing, NOTHING, minutes=12, rate=rate) == []


def test_a_receiver_that_restarts_raises_no_alarm(pushing: Deployed) -> None:
    restart = BY_NAME["receiver refuses connections"]
    assert not [on for _, on in islice(minutes_of(pushing, restart, lasts_minutes=2), 10) if on]


@pytest.mark.parametrize("cause", ["receiver does not answer", "receiver refuses our credentials (401)"])
def test_what_pages_clears_by_itself_when_the_receiver_is_back(pushing: Deployed, cause: str) -> None:
    paging = paging_alarms(pushing)
    states = [on & paging for _, on in islice(minutes_of(pushing, BY_NAME[cause], lasts_minutes=12), 20)]
    assert set() not in states[9:12]
    # A probe a minute at the latest, then two of three good minutes, and one on the way.
    assert states[-3:] == [set(), set(), set()]


@pytest.mark.requirement("PUSH-NFR-04")
def test_undelivered_bundles_of_more_than_the_limit_are_noticed_while_the_breaker_is_open(pushing: Deployed) -> None:
    cause = BY_NAME["receiver does not answer"]
    (on,) = [on for minute, on in islice(minutes_of(pushing, cause), 20) if 19 <= minute < 20]
    assert on >= {"files-mailbox-age", "files-receiver-unreachable"}


@pytest.mark.requirement("PUSH-NFR-04")
def test_an_hours_worth_of_undelivered_bundles_is_noticed_by_their_number(pushing: Deployed) -> None:
    cause = BY_NAME["receiver refuses connections"]
    # Ten times the rate reaches it in a tenth of the time, or a little later: batches are fuller.
    found = {each.name for each in fired(pushing, cause, rate=100.0, minutes=35)}
    assert "files-mailbox-count" in found


def test_whatever_stops_delivery_inside_aws_has_five_minutes() -> None:
    outside = {cause.name for cause in CAUSES if cause.minutes != 5}
    assert outside == {"consumer down", "consumer takes half of what comes", "mailbox monitor does not run"}


def test_every_reason_for_which_a_store_keeps_a_file_in_the_queue_is_among_the_causes() -> None:
    stores = {reason for reason in Reason if reason.endswith("_unavailable")}
    retried = {cause.files.reason for cause in CAUSES if cause.files.kind == "retry"}
    assert retried == {*stores, Reason.UNREADABLE, Reason.INTERNAL_ERROR}


def test_the_page_is_what_the_model_says(observed: dict[str, Sequence[Fired]]) -> None:
    assert PAGE.read_text(encoding="utf-8") == render(observed), (
        "docs/alarms.md is stale: PYTHONPATH=tests .venv/bin/python -m metric_rules --write"
    )


def test_a_healthy_pipeline_raises_no_alarm(deployed: Deployed) -> None:
    assert fired(deployed, NOTHING, minutes=15) == []


@pytest.mark.parametrize("rate", [0.02, 100.0])
def test_neither_few_files_nor_a_burst_raise_an_alarm_that_pages(deployed: Deployed, rate: float) -> None:
    assert not [each for each in fired(deployed, NOTHING, rate=rate, minutes=6) if each.pages]


def test_an_outage_is_noticed_where_a_file_comes_every_few_minutes_only(deployed: Deployed) -> None:
    cause = Cause(name="landing refuses, at night", files=retry(Reason.UNREADABLE))
    # The first file after the beginning may be three minutes away.
    assert minutes_to_page(fired(deployed, cause, rate=1 / 180, minutes=12)) <= 3 + 5


def test_what_pages_clears_when_the_outage_is_over(deployed: Deployed) -> None:
    cause = Cause(name="claims", files=retry(Reason.CLAIMS_UNAVAILABLE))
    states = [on & paging_alarms(deployed) for _, on in islice(minutes_of(deployed, cause, lasts_minutes=5), 14)]
    assert {"files-stuck"} in states
    assert states[-1] == set()


def test_poison_now_and_then_pages_nobody(deployed: Deployed) -> None:
    poison = Cause(name="one in a hundred", files=rejected(Reason.MALFORMED), every=100)
    assert [(each.name, each.pages) for each in fired(deployed, poison, minutes=8)] == [("files-dead-letters", False)]


def test_a_replaced_notification_is_told_from_a_party_that_sends_nothing(deployed: Deployed) -> None:
    replaced = Cause(name="replaced", fed=Fed.NOTIFICATION_REPLACED)
    assert {each.name for each in fired(deployed, replaced, minutes=6)} == {"files-not-fed"}
    assert fired(deployed, NOTHING, rate=0.0, minutes=6) == []
