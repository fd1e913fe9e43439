"""The event stream as it is deployed: producer, stream, processor, raw bucket, queue, transformer, processed bucket."""

from __future__ import annotations

import json
import time
from collections import Counter
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from harness.event_pipeline import EventPipeline, events_with
from harness.pipeline import wait_until

from sandbox.deployed import events_of
from sandbox.stack import deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.demo.events.found import Line
    from sandbox.iam.refusals import Refusal
    from sandbox.localstack.server import LocalStack


@pytest.fixture(scope="module")
def deployed(localstack: LocalStack) -> EventPipeline:
    stack = deploy_local_stack(localstack.endpoint, pipelines=("events",), name=f"test-{token_hex(3)}")
    return EventPipeline(events_of(stack))


@pytest.fixture
def stream(deployed: EventPipeline) -> Iterator[EventPipeline]:
    """The shared deployment; nothing may be left where nothing should be."""
    yield deployed
    deployed.wait_until_idle()
    assert deployed.left() == {}


@pytest.fixture
def mark() -> str:
    """What tells the events of a test from others."""
    return token_hex(4)


def committed(stream: EventPipeline) -> Counter[str]:
    """The records of all batches so far."""
    counted = Counter[str]()
    for batch in stream.batches():
        counted.update(total=batch.total, success=batch.success, failed=batch.failed)
    return counted


def numbers(lines: list[Line]) -> list[int]:
    return sorted(line.document["original_data"]["number"] for line in lines)


@pytest.mark.requirement("EVENT-PROCESS-01", "EVENT-RAW-03", "EVENT-TRANSFORM-05")
def test_good_events_of_all_types_are_processed_once_each_and_bad_records_rejected(
    stream: EventPipeline, mark: str
) -> None:
    before = committed(stream)
    good, bad = events_with(mark, 200), [b"no json", b"", b'{"event_type":"other","timestamp":"2026-11-20T09:00:00Z"}']
    sent = stream.send([*good, *bad])
    lines = stream.wait_until_processed(mark, len(good))
    assert numbers(lines) == list(range(200))
    assert len({line.document["record_id"] for line in lines}) == 200
    for line in lines:
        event = line.document["original_data"]
        hour = event["timestamp"][11:13]
        assert f"/event_type={event['event_type']}/year=2026/month=11/day=20/hour={hour}/" in f"/{line.key}"
    # They may be in batches that are committed after the last good one.
    rejected = wait_until("bad records", lambda: stream.rejected(sent[len(good) :]), lambda found: len(found) >= 3)
    assert sorted(line.document["reason"] for line in rejected) == ["empty", "not_json", "unknown_event_type"]
    wait_until("all records committed", lambda: (committed(stream) - before)["total"], lambda total: total >= 203)
    assert committed(stream) - before == Counter(total=203, success=200, failed=3)


@pytest.mark.requirement("EVENT-SCALE-02", "EVENT-PROCESS-06")
def test_each_event_is_processed_once_though_the_stream_is_resharded_and_delivers_again(
    stream: EventPipeline, mark: str
) -> None:
    events = events_with(mark, 240)
    sent = stream.send(events[:120])
    client, name = stream.aws.kinesis, stream.deployed.stream
    before = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["OpenShardCount"]
    client.update_shard_count(StreamName=name, TargetShardCount=before + 1, ScalingType="UNIFORM_SCALING")
    sent += stream.send(events[120:])
    stream.deliver_again(sent)
    stream.wait_until_processed(mark, 240)
    answers = stream.deliver_again(sent)
    assert answers == [{"batchItemFailures": []}] * len(answers)
    stream.wait_until_idle()
    assert numbers(stream.processed(mark)) == list(range(240))


@pytest.mark.requirement("EVENT-FLOW-03", "EVENT-PROCESS-05")
@pytest.mark.parametrize("action", ["s3:PutObject", "dynamodb:UpdateItem", "dynamodb:GetItem"])
def test_an_outage_of_a_store_of_the_processor_loses_nothing_and_doubles_nothing(
    stream: EventPipeline, mark: str, action: str, refusals: Callable[[], list[Refusal]]
) -> None:
    group = stream.deployed.processor_log_group
    seen = len(stream.logged(group, "comes again"))
    with stream.without_right(stream.deployed.processor_function, action):
        stream.send(events_with(mark, 40))
        wait_until(
            "attempts that fail",
            lambda: len(stream.logged(group, "comes again")) - seen,
            lambda failed: failed >= 2,
        )
        assert stream.processed(mark) == []
    stream.wait_until_processed(mark, 40)
    stream.wait_until_idle()
    assert numbers(stream.processed(mark)) == list(range(40))
    refusals()


def test_what_s3_announces_twice_late_or_falsely_is_processed_once(stream: EventPipeline, mark: str) -> None:
    stream.send(events_with(mark, 8))
    stream.wait_until_processed(mark, 8)
    keys = stream.raw_keys(mark)
    foreign = f"raw/event_type={mark}/x.json"
    stream.announce(
        *(stream.announcement(key, time.time() - 3600) for key in [*keys, *reversed(keys)]),
        stream.announcement(foreign, time.time()),
        '{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"any"}',
    )

    def reasons() -> list[str]:
        letters = [letter for letter in stream.dead_letters() if mark in letter["Body"]]
        return [letter["MessageAttributes"]["reason"]["StringValue"] for letter in letters]

    assert wait_until("the dead letter", reasons, bool) == ["foreign_key"]
    stream.wait_until_idle()
    assert numbers(stream.processed(mark)) == list(range(8))


@pytest.mark.requirement("EVENT-FLOW-03")
def test_an_outage_of_a_store_of_the_transformer_loses_nothing(
    stream: EventPipeline, mark: str, refusals: Callable[[], list[Refusal]]
) -> None:
    group = stream.deployed.transformer_log_group
    seen = len(stream.logged(group, "stays in the queue"))
    with stream.without_right(stream.deployed.transformer_function, "s3:PutObject"):
        stream.send(events_with(mark, 8))
        wait_until(
            "messages that stay", lambda: len(stream.logged(group, "stays in the queue")) - seen, lambda left: left > 0
        )
        assert stream.processed(mark) == []
    stream.wait_until_processed(mark, 8)
    stream.wait_until_idle()
    assert numbers(stream.processed(mark)) == list(range(8))
    refusals()


@pytest.mark.requirement("EVENT-OBS-01")
def test_the_logs_tell_metrics_and_nothing_of_an_event(stream: EventPipeline, mark: str) -> None:
    stream.send(events_with(mark, 8))
    stream.wait_until_processed(mark, 8)
    for group in (stream.deployed.processor_log_group, stream.deployed.transformer_log_group):
        # A log is written after its invocation has ended, when what it did may have been seen already.
        lines = wait_until(f"metrics in {group}", lambda group=group: stream.logged(group, '"_aws"'), bool)
        metrics: list[Any] = [json.loads(line) for line in lines]
        assert {each["_aws"]["CloudWatchMetrics"][0]["Namespace"] for each in metrics} == {"Baler/Events"}
        assert stream.logged(group, mark) == []
