"""The bill of the event stream follows the settings, the load, and what the program really declares."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import EVENTS_ALONE, record_program

from baler.commands.cost.events import functions, processing, storage, stream, traffic, watching
from baler.commands.cost.events.estimate import DEVELOPMENT, EVENT_ESTIMATES, PRODUCTION, EventEstimate, compare_events
from baler.commands.cost.events.monthly import EventMonth, monthly_event_bill
from baler.commands.cost.events.part import EventBillPart
from baler.commands.cost.events.settings import EventStackSettings
from baler.commands.cost.figures import figures
from baler.commands.cost.traffic import SECONDS_PER_MONTH
from baler.prices import GIGABYTE, price
from components.blocks.lifecycle import WORTH_MOVING_BYTES
from components.events import timing
from components.events.settings import EventsSettings
from components.settings.shared import SharedSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.commands.cost.bill import Line
    from baler.commands.cost.events.traffic import EventProfile


def bill(profile: EventProfile, settings: EventStackSettings, **changed: object) -> EventMonth:
    return monthly_event_bill(profile, settings.model_copy(update=changed), figures())


def the(month: EventMonth, part: EventBillPart, item: str) -> Line:
    (found,) = (line for line in month.bill.lines if (line.part, line.item) == (part, item))
    return found


def test_what_costs_is_a_setting_of_the_program(settings: EventStackSettings) -> None:
    declared = {
        field.alias: field.default
        for model in (SharedSettings, EventsSettings)
        for field in model.model_fields.values()
    }
    for name, field in EventStackSettings.model_fields.items():
        assert field.alias in declared
        if str(field.alias).startswith("events"):
            assert getattr(settings, name) == declared[field.alias], name


def test_more_events_never_cost_less(profile: EventProfile, settings: EventStackSettings) -> None:
    months = [bill(replace(profile, events_per_second=rate), settings) for rate in (0, 0.01, 1, 10, 100, 1000, 2000)]
    for part in EventBillPart:
        costs = [month.bill.of(part) for month in months]
        # Few events make small batches, and fuller ones make fewer objects an event.
        assert all(more >= less * 0.95 for less, more in pairwise(costs)), part


def test_a_stack_without_events_costs_what_stands_there(profile: EventProfile, settings: EventStackSettings) -> None:
    month = bill(replace(profile, events_per_second=0), settings)

    for part in (EventBillPart.RAW, EventBillPart.PROCESSED, EventBillPart.TABLES, EventBillPart.FUNCTIONS):
        assert month.bill.of(part) == 0, part
    assert the(month, EventBillPart.STREAM, "shards").usd == pytest.approx(2 * 730 * price("kinesis_shard").usd)


def test_a_batch_is_what_came_in_the_window_and_no_more_than_its_size(
    profile: EventProfile, settings: EventStackSettings
) -> None:
    quiet, busy = bill(profile, settings), bill(replace(profile, events_per_second=1000), settings)

    # 5 events a second and shard, for 5 seconds and while the last batch runs.
    assert 26 <= quiet.traffic.batch_records <= 28
    assert busy.traffic.batch_records == 100
    assert 3.9 < busy.traffic.objects / busy.traffic.batches <= 4


def test_a_full_shard_needs_larger_batches_than_the_documents(
    profile: EventProfile, settings: EventStackSettings
) -> None:
    busy = replace(profile, events_per_second=2000)

    assert (
        bill(busy, settings).traffic.shard_capacity < 1000 < bill(busy, settings, batch_size=500).traffic.shard_capacity
    )


def test_larger_batches_make_fewer_objects_and_a_smaller_bill(
    profile: EventProfile, settings: EventStackSettings
) -> None:
    busy = replace(profile, events_per_second=1000)
    small, large = bill(busy, settings), bill(busy, settings, batch_size=1000, batching_window_seconds=20)

    assert large.traffic.objects < small.traffic.objects / 9
    assert large.bill.usd < small.bill.usd / 2


def test_each_object_is_put_twice_read_twice_and_announced_twice(
    profile: EventProfile, settings: EventStackSettings
) -> None:
    month = bill(profile, settings)

    for part in (EventBillPart.RAW, EventBillPart.PROCESSED):
        for item in ("objects put", "objects read"):
            assert the(month, part, item).quantity == month.traffic.objects
    assert the(month, EventBillPart.QUEUES, "events sent by S3").quantity == 2 * month.traffic.objects


def test_small_objects_stay_out_of_glacier(profile: EventProfile, settings: EventStackSettings) -> None:
    small = bill(profile, settings)
    large = bill(replace(profile, event_bytes=8000, events_per_second=1000), settings)

    for item in ("moves to Glacier", "objects in Glacier"):
        assert the(small, EventBillPart.RAW, item).quantity == 0
        assert the(large, EventBillPart.RAW, item).quantity > 0
    assert "none moves" in the(small, EventBillPart.RAW, "objects kept").note


def test_what_expires_is_not_paid_for_longer(profile: EventProfile, settings: EventStackSettings) -> None:
    kept, ended = bill(profile, settings), bill(profile, settings, raw_days=180, processed_days=30, compacted_days=60)

    for part, item, days in (
        (EventBillPart.RAW, "objects kept", 180),
        (EventBillPart.PROCESSED, "objects kept", 30),
        (EventBillPart.TABLE, "table kept", 60),
    ):
        share = the(ended, part, item).quantity / the(kept, part, item).quantity
        assert share == pytest.approx(days / 365)


def test_a_stream_on_demand_is_paid_by_the_byte(profile: EventProfile, settings: EventStackSettings) -> None:
    month = bill(replace(profile, events_per_second=5000), settings, stream_mode="on-demand")

    assert month.traffic.shards == 10
    put = the(month, EventBillPart.STREAM, "records put")
    assert put.quantity == pytest.approx(5000 * SECONDS_PER_MONTH * 1024 / GIGABYTE)


def test_a_retention_of_more_than_a_day_is_paid(profile: EventProfile, settings: EventStackSettings) -> None:
    item = "kept for more than a day"
    assert the(bill(profile, settings), EventBillPart.STREAM, item).usd == 0
    assert the(bill(profile, settings, retention_hours=168), EventBillPart.STREAM, item).usd > 0


@pytest.mark.requirement("EVENT-COST-01")
@pytest.mark.parametrize(("estimate", "total"), [(DEVELOPMENT, 36), (PRODUCTION, 153)])
def test_the_lines_add_up_to_the_documents_own_total(
    settings: EventStackSettings, estimate: EventEstimate, total: int
) -> None:
    compared = compare_events(estimate, settings, figures())

    assert compared.total.line.low == total
    assert compared.total.ours == pytest.approx(sum(line.ours for line in compared.lines))


@pytest.mark.requirement("EVENT-COST-01")
@pytest.mark.parametrize("estimate", EVENT_ESTIMATES, ids=lambda estimate: estimate.name)
def test_the_shards_are_right_and_the_requests_are_missing(
    settings: EventStackSettings, estimate: EventEstimate
) -> None:
    verdicts = {line.line.service: line.verdict for line in compare_events(estimate, settings, figures()).lines}

    assert verdicts["Kinesis"] == "near"
    assert verdicts["S3"] == verdicts["DynamoDB"] == verdicts["CloudWatch"] == "too low"


def test_the_load_that_is_compared_keeps_about_what_the_document_counts(settings: EventStackSettings) -> None:
    for estimate, gigabytes in ((DEVELOPMENT, 100), (PRODUCTION, 1000)):
        described = settings.model_copy(update={"shards": estimate.shards})
        load = traffic.EventProfile(estimate.events_per_second, 165, estimate.months)
        lines = monthly_event_bill(load, described, figures()).bill.lines
        kept = sum(line.quantity for line in lines if line.price == price("s3_standard"))
        assert kept == pytest.approx(gigabytes, rel=0.25)


def test_the_bill_counts_what_the_program_declares() -> None:
    deployed = record_program("prod", EVENTS_ALONE)

    mapping = deployed.one("lambda/eventSourceMapping:EventSourceMapping", "events-processor")
    assert mapping.inputs["parallelizationFactor"] == 1
    stream_of = deployed.one("kinesis/stream:Stream", "events-stream")
    assert len(stream_of.inputs["shardLevelMetrics"]) == watching.KINESIS_SHARD_METRICS
    keys = [key for key in deployed.all("kms/key:Key") if "events" in key.name]
    assert len(keys) == stream.KEYS
    endpoints = [e for e in deployed.all("ec2/vpcEndpoint:VpcEndpoint") if e.inputs["vpcEndpointType"] == "Interface"]
    assert len(endpoints) == watching.FUNCTION_ENDPOINTS
    alarms = [a for a in deployed.all("cloudwatch/metricAlarm:MetricAlarm") if "events-" in a.name]
    assert sum(_metrics_of(alarm.inputs) for alarm in alarms) == watching.ALARM_METRICS
    assert (processing.OBJECTS_AT_ONCE, traffic.OBJECTS_PER_COMMIT, processing.COMPACTOR_CONCURRENCY) == (
        timing.OBJECTS_AT_ONCE,
        timing.COMPACTED_AT_ONCE,
        timing.COMPACTOR_CONCURRENCY,
    )
    assert traffic.RECORDS_PER_SHARD == timing.RECORDS_PER_SHARD
    assert functions.PARALLEL_OBJECTS < functions.PARALLEL_PUTS
    assert storage.SMALLEST_IN_GLACIER_BYTES == WORTH_MOVING_BYTES


def _metrics_of(alarm: Mapping[str, Any]) -> int:
    """What an alarm is paid for: its metric, or each of those that its formula is of."""
    return sum("metric" in query for query in alarm.get("metricQueries", [])) or 1
