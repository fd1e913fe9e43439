"""What the aggregator publishes of a batch, read from its log lines as CloudWatch reads them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.metrics import MetricUnit
from harness.emf import Sample, samples, values
from harness.events import LANDED_AT, s3_event, s3_record

from baler import emf
from baler.emf import Metric, publish
from baler.files import metric_names
from runtime.files.aggregator.batch import BatchReport, Message
from runtime.files.aggregator.latency import Latency
from runtime.files.aggregator.observability import report_batch

if TYPE_CHECKING:
    from conftest import Pipeline

    from baler.files.claims.model import BundleRecord

LATENCIES = (metric_names.EVENT_DELAY, metric_names.QUEUE_WAIT, metric_names.PROCESSING, metric_names.LATENCY)
LANDED = LANDED_AT.timestamp()


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    """Tell of a batch; return the samples that come of it."""

    def tell_and_read(report: BatchReport, now: float = 0.0) -> list[Sample]:
        capsys.readouterr()
        report_batch(report, "prod", now)
        return samples(capsys.readouterr().out.splitlines())

    return tell_and_read


def late(pipeline: Pipeline, *messages: Message) -> list[Latency]:
    """The latencies of one invocation over messages."""
    return pipeline.aggregator().handle(messages, pipeline.now + pipeline.timeout).latencies


def moving_clock(pipeline: Pipeline, seconds: float) -> None:
    """Let each fetch of a file take some seconds."""
    read = pipeline.landing.call

    def slow(name: str, effect: Any) -> Any:
        pipeline.now += seconds
        return read(name, effect)

    pipeline.landing.call = slow


@pytest.mark.requirement("PULL-NFR-07")
def test_each_bundled_file_has_its_own_latency_in_three_parts(pipeline: Pipeline) -> None:
    pipeline.now = LANDED + 12.0
    moving_clock(pipeline, 0.25)
    first = Message("m0", pipeline.land("a"), LANDED + 1.5)
    second = Message("m1", pipeline.land("b"), LANDED + 4.0)
    assert late(pipeline, first, second) == [Latency(1.5, 10.5, 0.5), Latency(4.0, 8.0, 0.5)]
    assert Latency(1.5, 10.5, 0.5).total == 12.5


def test_a_message_with_several_files_gives_each_a_latency(pipeline: Pipeline) -> None:
    for key in ("a", "b", "c"):
        pipeline.land(key)
    body = s3_event(*(s3_record(key) for key in ("a", "b", "c")))
    assert len(late(pipeline, Message("m0", body, LANDED + 1))) == 3


def test_a_file_announced_twice_has_one_latency_from_the_message_that_was_sent_first(pipeline: Pipeline) -> None:
    pipeline.now = LANDED + 10
    body = pipeline.land("a")
    (latency,) = late(pipeline, Message("m0", body, LANDED + 7), Message("m1", body, LANDED + 2))
    assert (latency.event_delay, latency.queue_wait) == (2.0, 8.0)


def test_only_files_that_were_bundled_have_a_latency(pipeline: Pipeline) -> None:
    done = pipeline.land("done")
    assert len(late(pipeline, Message("m0", done, LANDED))) == 1
    missing, large, poison = s3_event(s3_record("gone")), pipeline.land("large", b"x" * 1001), "not json"
    bodies = [done, missing, large, poison, pipeline.land("good")]
    assert len(late(pipeline, *(Message(f"m{n}", body, LANDED) for n, body in enumerate(bodies)))) == 1


def test_a_file_that_is_retried_has_its_latency_when_it_is_bundled_at_last(pipeline: Pipeline) -> None:
    message = Message("m0", pipeline.land("a"), LANDED + 1)
    pipeline.now = LANDED + 3
    pipeline.faults.before.add("archive.put")
    assert late(pipeline, message) == []
    pipeline.faults.before.clear()
    pipeline.now = LANDED + 303
    assert late(pipeline, message) == [Latency(1.0, 302.0, 0.0)]


def test_a_file_that_a_later_attempt_delivers_has_its_latency_there(pipeline: Pipeline) -> None:
    """The slowest of all: its first attempt died between archive and mailbox. The second finds a duplicate."""
    message = Message("m0", pipeline.land("a"), LANDED + 1)
    pipeline.now = LANDED + 3
    pipeline.faults.before |= {"mailbox.put", "table.record"}
    assert late(pipeline, message) == []
    pipeline.faults.before.clear()
    pipeline.now = LANDED + 150
    assert late(pipeline, message) == [Latency(1.0, 149.0, 0.0)]
    assert late(pipeline, message) == []


def test_noting_the_bundle_in_the_claim_table_is_no_part_of_the_latency(pipeline: Pipeline) -> None:
    pipeline.now = LANDED + 3
    write = pipeline.table.record

    def slow(record: BundleRecord) -> None:
        pipeline.now += 10
        write(record)

    pipeline.table.record = slow
    assert late(pipeline, Message("m0", pipeline.land("a"), LANDED + 1)) == [Latency(1.0, 2.0, 0.0)]


def test_clocks_that_disagree_make_no_latency_negative(pipeline: Pipeline) -> None:
    pipeline.now = LANDED - 2
    assert late(pipeline, Message("m0", pipeline.land("a"), LANDED - 1)) == [Latency(0.0, 0.0, 0.0)]


def test_bundles_of_one_invocation_are_timed_one_by_one(pipeline: Pipeline) -> None:
    moving_clock(pipeline, 1.0)
    messages = [Message(f"m{n}", pipeline.land(f"k{n}", b"x" * 900), LANDED) for n in range(4)]
    assert [latency.processing for latency in late(pipeline, *messages)] == [2.0, 2.0, 4.0, 4.0]


@pytest.mark.requirement("PULL-NFR-07")
def test_a_batch_is_told_in_the_namespace_with_the_stack_as_its_only_dimension(pipeline: Pipeline, told: Any) -> None:
    found = told(pipeline.handle(*(pipeline.land(f"k{n}") for n in range(3))))
    assert {(sample.namespace, sample.dimensions) for sample in found} == {("Baler/Files", (("stack", "prod"),))}
    assert {name: values(found, name, stack="prod") for name in ("Files", "Bundles", "BytesIn")} == {
        "Files": [3],
        "Bundles": [1],
        "BytesIn": [15],
    }
    assert {sample.unit for sample in found if sample.name in LATENCIES} == {"Seconds"}


def test_the_service_name_of_the_log_does_not_become_a_dimension(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "aggregator")
    # Powertools reads it when the function is loaded.
    loaded = importlib.reload(emf)
    loaded.publish("Baler/Files", [loaded.Metric("Files", MetricUnit.Count, [1])], {"stack": "prod"})
    (sample,) = samples(capsys.readouterr().out.splitlines())
    assert sample.dimensions == (("stack", "prod"),)


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250])
def test_no_value_is_lost_or_told_twice_however_many_files_a_batch_has(
    pipeline: Pipeline, told: Any, count: int
) -> None:
    report = pipeline.handle(*(pipeline.land(f"k{n}", b"x") for n in range(count)))
    assert len(report.latencies) == count
    report.latencies = [Latency(float(n), n + 0.001, n + 0.002) for n in range(count)]
    found = told(report)
    assert values(found, "EventDelay", stack="prod") == [float(n) for n in range(count)]
    assert values(found, "QueueWait", stack="prod") == [n + 0.001 for n in range(count)]
    assert values(found, "Processing", stack="prod") == [n + 0.002 for n in range(count)]
    assert values(found, "Latency", stack="prod") == pytest.approx([3 * n + 0.003 for n in range(count)])
    for name in (metric_names.FILES, metric_names.DUPLICATES, metric_names.TAKEN_OVER, metric_names.ROLLED_FORWARD):
        assert len(values(found, name, stack="prod")) == 1


def test_each_bundle_has_its_bytes_and_its_ratio(pipeline: Pipeline, told: Any) -> None:
    report = pipeline.handle(*(pipeline.land(f"k{n}", b"x" * 900) for n in range(5)))
    found = told(report)
    made = [result for result in report.results if result.bundle_id]
    assert len(made) == 3
    assert values(found, "Bundles", stack="prod") == [1, 1, 1]
    assert values(found, "BytesIn", stack="prod") == [1800, 1800, 900]
    assert values(found, "BytesOut", stack="prod") == [result.bytes_out for result in made]
    ratios = values(found, "CompressionRatio", stack="prod")
    assert ratios == pytest.approx([result.bytes_in / result.bytes_out for result in made], abs=0.001)
    assert {sample.unit for sample in found if sample.name == "CompressionRatio"} == {"None"}


def test_a_batch_without_a_bundle_tells_zero_files_and_no_latency(pipeline: Pipeline, told: Any) -> None:
    found = told(pipeline.handle("not json"))
    assert values(found, "Files", stack="prod") == [0]
    assert not {sample.name for sample in found} & {*LATENCIES, "Bundles", "CompressionRatio"}


def test_take_overs_and_bundles_put_forward_are_counted(pipeline: Pipeline, told: Any) -> None:
    left, forward = pipeline.land("left"), pipeline.land("forward")
    pipeline.faults.before |= {"archive.put", "archive.fence"}
    pipeline.handle(left)
    pipeline.faults.before.clear()
    pipeline.faults.before.add("mailbox.put")
    pipeline.handle(forward)
    pipeline.faults.before.clear()
    pipeline.now += 1000
    found = told(pipeline.handle(left, forward))
    assert values(found, "TakenOver", stack="prod") == [1]
    assert values(found, "RolledForward", stack="prod") == [1]


def test_messages_that_stay_are_counted_once_a_reason(pipeline: Pipeline, told: Any) -> None:
    pipeline.faults.before.add("landing.get")
    bodies = ["not json", "[]", s3_event({**s3_record("a"), "eventVersion": "3.0"}), pipeline.land("b")]
    found = told(pipeline.handle(*bodies))
    assert values(found, "Rejected", stack="prod", reason="malformed") == [2]
    assert values(found, "Rejected", stack="prod", reason="unknown_schema") == [1]
    assert values(found, "Retried", stack="prod", reason="landing_unavailable") == [1]


@pytest.mark.requirement("PULL-NFR-07")
def test_a_batch_publishes_how_old_the_oldest_message_is_that_it_leaves_in_the_queue(
    pipeline: Pipeline, told: Any
) -> None:
    """The age of SQS itself leaves out what was received three times."""
    messages = [Message(f"m{n}", pipeline.land(f"k{n}"), LANDED + 10 * n) for n in range(3)]
    pipeline.faults.before.add("landing.get")
    pipeline.now = LANDED + 100
    stuck = pipeline.aggregator().handle(messages, pipeline.now + pipeline.timeout)
    assert stuck.left == {"m0": LANDED, "m1": LANDED + 10, "m2": LANDED + 20}
    found = told(stuck, LANDED + 102.5)
    assert values(found, "OldestLeftAge", stack="prod") == [102.5]
    assert values(found, "Retried", stack="prod", reason="landing_unavailable") == [3]


def test_a_batch_that_leaves_nothing_says_so_or_the_alarm_would_stay_on(pipeline: Pipeline, told: Any) -> None:
    found = told(pipeline.handle(pipeline.land("good")), LANDED + 500)
    assert values(found, "OldestLeftAge", stack="prod") == [0]
    assert values(found, "Rejected", stack="prod") == [0]


def test_messages_that_can_never_be_processed_are_counted_together_too(pipeline: Pipeline, told: Any) -> None:
    found = told(pipeline.handle("not json", "[]", s3_event({**s3_record("a"), "eventVersion": "3.0"})))
    assert values(found, "Rejected", stack="prod") == [3]


def test_a_clock_of_sqs_that_is_ahead_makes_no_age_negative(pipeline: Pipeline, told: Any) -> None:
    pipeline.faults.before.add("landing.get")
    report = pipeline.aggregator().handle([Message("m", pipeline.land("a"), LANDED)], pipeline.now + 20)
    assert values(told(report, LANDED - 2), "OldestLeftAge", stack="prod") == [0]


def test_metrics_without_values_write_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    publish("Baler/Files", [Metric("Files", MetricUnit.Count, [])], {"stack": "prod"})
    publish("Baler/Files", [], {"stack": "prod"})
    assert capsys.readouterr().out == ""


def test_a_bundles_line_says_where_the_time_of_each_of_its_files_went(
    pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    pipeline.now = LANDED + 12.0
    moving_clock(pipeline, 0.25)
    messages = [
        Message("m0", pipeline.land("a"), LANDED + 1.5, 1, LANDED + 9.0),
        Message("m1", pipeline.land("b"), LANDED + 4.0, 1, LANDED + 11.5),
    ]
    with caplog.at_level("INFO"):
        report_batch(pipeline.aggregator().handle(messages, pipeline.now + pipeline.timeout), "prod", 0.0)
    (line,) = (vars(record) for record in caplog.records if record.message == "archived a bundle")
    assert (line["delivered_at"], line["processing"]) == (LANDED + 12.5, 0.5)
    assert (line["queue_wait"], line["batch_wait"]) == ([10.5, 8.0], [3.0, 0.5])
    assert line["steps"] == {"claim": 0.0, "fetch": 0.5, "bundle": 0.0, "archive": 0.0, "mailbox": 0.0}


def test_a_bundle_that_did_not_reach_the_mailbox_has_a_line_without_times(
    pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    pipeline.faults.before.add("mailbox.put")
    with caplog.at_level("INFO"):
        report_batch(pipeline.handle(pipeline.land("a")), "prod", 0.0)
    (line,) = (vars(record) for record in caplog.records if record.message == "archived a bundle")
    assert "queue_wait" not in line
