"""The deployed mailbox monitor: what it publishes is read from its log, value by value."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from harness.emf import Sample, samples, values
from harness.pipeline import wait_until

if TYPE_CHECKING:
    from conftest import DeployPipeline
    from harness.pipeline import Pipeline


class Monitor:
    """The monitor of a deployed stack, named after the stack as its aggregator is."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.function = f"{pipeline.deployed.aggregator_function.removesuffix('aggregator')}mailbox-monitor"
        self.stack = self.function.removeprefix("baler-").removesuffix("-files-mailbox-monitor")
        self.invoked = 0
        self._aws = pipeline.aws

    def invoke(self) -> dict[str, Any]:
        """Invoke it by hand; return its answer."""
        self.invoked += 1
        answer = self._aws.functions.invoke(FunctionName=self.function)
        payload = answer["Payload"].read()
        assert "FunctionError" not in answer, payload
        return json.loads(payload)

    def published(self, name: str) -> list[float]:
        """The values of a metric in its log, which LocalStack writes after an invocation has ended."""
        return values(self._samples(), name, stack=self.stack)

    def _samples(self) -> list[Sample]:
        pages = self._aws.logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{self.function}")
        return samples(event.get("message", "") for page in pages for event in page["events"])


@pytest.fixture(scope="module")
def watched(deploy_pipeline: DeployPipeline) -> Pipeline:
    """A pipeline whose consumer is away."""
    return deploy_pipeline()


@pytest.fixture(scope="module")
def monitor(watched: Pipeline) -> Monitor:
    return Monitor(watched)


@pytest.mark.requirement("PULL-NFR-07")
def test_the_monitor_publishes_what_waits_for_the_consumer_and_zeros_when_it_was_taken(
    watched: Pipeline, monitor: Monitor
) -> None:
    started = time.time()
    watched.land("first", b"x" * 1000)
    watched.wait_for_files("first")
    watched.land("second")
    watched.wait_for_files("first", "second")
    waiting = watched.mailed()
    answer = monitor.invoke()
    assert (answer["objects"], answer["size"]) == (2, sum(len(bundle.body) for bundle in waiting.values()))
    # S3 tells to the second when an object was put.
    assert 0 < answer["oldest_age"] <= time.time() - started + 1
    age = round(answer["oldest_age"], 3)
    wait_until("the same in the log", lambda: monitor.published("MailboxOldestAge"), lambda seen: age in seen)
    assert 2 in monitor.published("MailboxObjects")
    assert answer["size"] in monitor.published("MailboxBytes")
    watched.forget()
    counted = {"objects": 0, "size": 0, "oldest_age": 0.0, "foreign": 0, "complete": True}
    assert monitor.invoke() == {**counted, "faults": [], "unread": [], "messages": 0}
    wait_until("an empty mailbox in the log", lambda: monitor.published("MailboxObjects"), lambda seen: 0 in seen)


@pytest.mark.requirement("PULL-NFR-07")
def test_a_mapping_that_is_disabled_and_a_notification_that_is_replaced_are_found(
    watched: Pipeline, monitor: Monitor
) -> None:
    stack, s3 = watched.deployed, watched.aws.s3
    functions: Any = watched.aws.functions
    (mapping,) = functions.list_event_source_mappings(FunctionName=f"{stack.aggregator_function}:live")[
        "EventSourceMappings"
    ]
    before: Any = s3.get_bucket_notification_configuration(Bucket=stack.landing_bucket)
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    s3.put_bucket_notification_configuration(Bucket=stack.landing_bucket, NotificationConfiguration={})
    try:
        assert set(monitor.invoke()["faults"]) == {"notification_replaced", "mapping_disabled"}
    finally:
        before.pop("ResponseMetadata")
        s3.put_bucket_notification_configuration(Bucket=stack.landing_bucket, NotificationConfiguration=before)
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    wait_until("a healthy path", lambda: monitor.invoke()["faults"], lambda faults: faults == [])


@pytest.mark.requirement("PULL-NFR-07")
def test_the_schedule_invokes_the_monitor(monitor: Monitor) -> None:
    def runs() -> int:
        return len(monitor.published("MailboxObjects"))

    wait_until("a run that nobody asked for by hand", runs, lambda seen: seen > monitor.invoked)
