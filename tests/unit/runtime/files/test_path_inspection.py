"""What the monitor finds wrong with a file's path into the ingest queue and out of it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from harness.emf import samples, values

from baler.files.path_fault import GAUGE, Fault
from runtime.files.aws.path_inspection import Inspector
from runtime.files.mailbox_monitor.observability import publish_inspection
from runtime.files.mailbox_monitor.path import (
    IngestPath,
    Inspection,
    Lane,
    Part,
    mapping_faults,
    notification_faults,
    queue_faults,
)

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE = "arn:aws:sqs:eu-west-2:111122223333:ingest"
BUCKET = "arn:aws:s3:::landing"
ALIAS = "arn:aws:lambda:eu-west-2:111122223333:function:aggregator:live"
EVERY = "s3:ObjectCreated:*"
REDRIVE = json.dumps({"deadLetterTargetArn": "arn", "maxReceiveCount": 12})
MAPPING = {"State": "Enabled", "EventSourceArn": QUEUE, "FunctionArn": ALIAS}
ALLOW: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "s3.amazonaws.com"},
    "Action": ["sqs:SendMessage"],
    "Resource": [QUEUE],
    "Condition": {"ArnEquals": {"aws:SourceArn": BUCKET}, "StringEquals": {"aws:SourceAccount": "111122223333"}},
}
TLS: dict[str, Any] = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["sqs:*"],
    "Resource": [QUEUE],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def sends(**changed: Any) -> dict[str, Any]:
    return {"QueueConfigurations": [{"QueueArn": QUEUE, "Events": [EVERY], **changed}]}


@pytest.mark.requirement("PULL-NFR-07")
@pytest.mark.parametrize(
    ("configuration", "faults"),
    [
        (sends(), []),
        # S3 answers with rules without a value where there is no filter.
        (sends(Filter={"Key": {"FilterRules": [{"Name": "Prefix", "Value": ""}]}}), []),
        ({**sends(), "EventBridgeConfiguration": {}, "TopicConfigurations": [{"TopicArn": "arn"}]}, []),
        ({}, [Fault.NOTIFICATION_REPLACED]),
        ({"QueueConfigurations": []}, [Fault.NOTIFICATION_REPLACED]),
        (sends(QueueArn=QUEUE + "2"), [Fault.NOTIFICATION_REPLACED]),
        ({"LambdaFunctionConfigurations": [{"Events": [EVERY]}]}, [Fault.NOTIFICATION_REPLACED]),
        (sends(Events=["s3:ObjectRemoved:*"]), [Fault.NOTIFICATION_NARROWED]),
        (sends(Events=["s3:ObjectCreated:Put"]), [Fault.NOTIFICATION_NARROWED]),
        (sends(Filter={"Key": {"FilterRules": [{"Name": "Suffix", "Value": ".csv"}]}}), [Fault.NOTIFICATION_NARROWED]),
    ],
)
def test_a_bucket_must_send_every_creation_of_every_key(configuration: dict[str, Any], faults: list[Fault]) -> None:
    assert notification_faults(configuration, QUEUE, "") == faults


@pytest.mark.parametrize(
    ("rules", "faults"),
    [
        ([{"Name": "Prefix", "Value": "a/"}], []),
        ([], []),
        ([{"Name": "Prefix", "Value": "b/"}], [Fault.NOTIFICATION_NARROWED]),
        ([{"Name": "Prefix", "Value": "a/today/"}], [Fault.NOTIFICATION_NARROWED]),
        ([{"Name": "Prefix", "Value": "a/"}, {"Name": "Suffix", "Value": ".csv"}], [Fault.NOTIFICATION_NARROWED]),
    ],
)
def test_a_lane_must_hear_of_every_key_below_its_prefix(rules: list[dict[str, str]], faults: list[Fault]) -> None:
    assert notification_faults(sends(Filter={"Key": {"FilterRules": rules}}), QUEUE, "a/") == faults


@pytest.mark.requirement("PULL-NFR-07")
@pytest.mark.parametrize(
    ("document", "lets"),
    [
        (policy(ALLOW, TLS), True),
        (policy({**ALLOW, "Action": "SQS:*", "Principal": "*", "Condition": {}}), True),
        (
            policy({**ALLOW, "Principal": {"AWS": "*"}, "Condition": {"ArnLike": {"AWS:SourceArn": [BUCKET, "x"]}}}),
            True,
        ),
        ("", False),
        ("not JSON", False),
        (policy(TLS), False),
        (policy({**ALLOW, "Principal": {"Service": "sns.amazonaws.com"}}), False),
        (policy({**ALLOW, "Action": ["sqs:ReceiveMessage"]}), False),
        (policy({**ALLOW, "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::another"}}}), False),
        (policy({**ALLOW, "Condition": {"StringEquals": {"aws:SourceAccount": "999900001111"}}}), False),
        (policy({**ALLOW, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}), False),
        (policy(ALLOW, {**TLS, "Condition": {}}), False),
        (policy(ALLOW, {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE}), False),
    ],
)
def test_the_queues_policy_must_let_the_bucket_send(document: str, *, lets: bool) -> None:
    found = queue_faults({"Policy": document, "RedrivePolicy": REDRIVE}, QUEUE, BUCKET)
    assert found == ([] if lets else [Fault.QUEUE_POLICY])


def test_a_queue_without_dead_letters_is_noticed() -> None:
    assert queue_faults({"Policy": policy(ALLOW)}, QUEUE, BUCKET) == [Fault.REDRIVE_POLICY]


@pytest.mark.requirement("PULL-NFR-07")
@pytest.mark.parametrize(
    ("mapping", "faults"),
    [
        (MAPPING, []),
        *(({**MAPPING, "State": state}, []) for state in ("Creating", "Enabling", "Updating")),
        *(({**MAPPING, "State": state}, [Fault.MAPPING_DISABLED]) for state in ("Disabled", "Disabling", "Deleting")),
        ({**MAPPING, "FunctionArn": ALIAS.removesuffix(":live")}, [Fault.MAPPING_CHANGED]),
        ({**MAPPING, "EventSourceArn": QUEUE + "2"}, [Fault.MAPPING_CHANGED]),
        (None, [Fault.MAPPING_MISSING]),
    ],
)
def test_the_mapping_must_feed_the_alias_from_the_queue(mapping: dict[str, Any] | None, faults: list[Fault]) -> None:
    assert mapping_faults(mapping, QUEUE, ALIAS) == faults


def answering(answer: dict[str, Any]) -> Callable[..., Any]:
    def call(**_: Any) -> Any:
        return answer

    return call


def refused(code: str) -> Callable[..., Any]:
    def call(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": code}}, "any")

    return call


def unreachable(**_: Any) -> Any:
    raise ConnectTimeoutError(endpoint_url="https://lambda")


def inspect(**answers: Callable[..., Any]) -> Inspection:
    """Inspect a healthy path, some of whose parts answer otherwise."""
    counts = {
        "ApproximateNumberOfMessages": "3",
        "ApproximateNumberOfMessagesNotVisible": "40",
        "ApproximateNumberOfMessagesDelayed": "500",
    }
    attributes = {"Policy": policy(ALLOW, TLS), "RedrivePolicy": REDRIVE, **counts}
    healthy: dict[str, Callable[..., Any]] = {
        "get_bucket_notification_configuration": answering(sends()),
        "get_queue_attributes": answering({"Attributes": attributes}),
        "get_event_source_mapping": answering(MAPPING),
    }
    client = cast("Any", SimpleNamespace(**{**healthy, **answers}))
    path = IngestPath("landing", (Lane("", "https://queue", QUEUE, "uuid"),), ALIAS)
    return Inspector(path, client, client, client).inspect()


def test_a_healthy_path_has_no_fault_and_counts_what_is_visible_in_flight_and_delayed() -> None:
    assert inspect() == Inspection((), (), 543)


TWO = (Lane("a/", "https://queue", QUEUE, "uuid"), Lane("b/", "https://queue-2", QUEUE + "-2", "uuid-2"))
POLICY_OF_TWO = policy({**ALLOW, "Resource": [QUEUE, QUEUE + "-2"]}, TLS)


class TwoLanes:
    """A healthy path of two lanes, with two and five messages; a test changes what it answers."""

    def __init__(self) -> None:
        self.notified = ["a/", "b/"]
        self.messages = {"https://queue": "2", "https://queue-2": "5"}
        self.mappings = {
            "uuid": MAPPING,
            "uuid-2": {**MAPPING, "EventSourceArn": QUEUE + "-2"},
        }

    def get_bucket_notification_configuration(self, **_: Any) -> Any:
        return {
            "QueueConfigurations": [
                sends(QueueArn=lane.queue_arn, Filter={"Key": {"FilterRules": [{"Name": "Prefix", "Value": prefix}]}})[
                    "QueueConfigurations"
                ][0]
                for lane, prefix in zip(TWO, self.notified, strict=False)
            ]
        }

    def get_queue_attributes(self, *, QueueUrl: str, **_: Any) -> Any:  # noqa: N803 - boto3's
        if QueueUrl not in self.messages:
            raise ConnectTimeoutError(endpoint_url=QueueUrl)
        counted = {"ApproximateNumberOfMessages": self.messages[QueueUrl]}
        return {"Attributes": {"Policy": POLICY_OF_TWO, "RedrivePolicy": REDRIVE, **counted}}

    def get_event_source_mapping(self, *, UUID: str) -> Any:  # noqa: N803 - boto3's
        return self.mappings[UUID]

    def inspect(self) -> Inspection:
        client = cast("Any", self)
        return Inspector(IngestPath("landing", TWO, ALIAS), client, client, client).inspect()


def test_the_messages_of_all_lanes_are_counted() -> None:
    assert TwoLanes().inspect() == Inspection((), (), 7)


def test_a_fault_of_any_lane_is_found_and_told_once() -> None:
    lanes = TwoLanes()
    lanes.notified = ["a/"]
    assert lanes.inspect().faults == (Fault.NOTIFICATION_REPLACED,)
    lanes = TwoLanes()
    lanes.mappings = {uuid: {**mapping, "State": "Disabled"} for uuid, mapping in lanes.mappings.items()}
    assert lanes.inspect().faults == (Fault.MAPPING_DISABLED,)


def test_a_lane_that_cannot_be_read_leaves_the_number_of_messages_unknown() -> None:
    lanes = TwoLanes()
    del lanes.messages["https://queue-2"]
    assert lanes.inspect() == Inspection((), (Part.QUEUE,), None)


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_a_mapping_that_was_deleted_is_missing_whichever_way_lambda_says_it(code: str) -> None:
    assert inspect(get_event_source_mapping=refused(code)).faults == (Fault.MAPPING_MISSING,)


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"])
def test_a_queue_that_was_deleted_is_missing(code: str) -> None:
    assert inspect(get_queue_attributes=refused(code)) == Inspection((Fault.QUEUE_MISSING,), (), None)


@pytest.mark.parametrize(
    ("operation", "part"),
    [
        ("get_bucket_notification_configuration", Part.NOTIFICATION),
        ("get_queue_attributes", Part.QUEUE),
        ("get_event_source_mapping", Part.MAPPING),
    ],
)
@pytest.mark.parametrize("answer", [refused("InternalError"), unreachable])
def test_a_part_that_cannot_be_read_is_named_and_hides_no_other(
    operation: str, part: Part, answer: Callable[..., Any]
) -> None:
    others: dict[str, Callable[..., Any]] = {
        "get_bucket_notification_configuration": answering({}),
        "get_event_source_mapping": answering({**MAPPING, "State": "Disabled"}),
    }
    found = inspect(**{**others, operation: answer})
    assert found.unread == (part,)
    assert (Fault.NOTIFICATION_REPLACED in found.faults) is (part is not Part.NOTIFICATION)
    assert (Fault.MAPPING_DISABLED in found.faults) is (part is not Part.MAPPING)
    assert (found.messages is None) is (part is Part.QUEUE)


def published(found: Inspection, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    capsys.readouterr()
    publish_inspection(found, "prod")
    return samples(capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_is_a_gauge_of_its_kind_and_a_reason(fault: Fault, capsys: pytest.CaptureFixture[str]) -> None:
    found = published(Inspection((fault,), (), 1), capsys)
    for gauge in set(GAUGE.values()):
        assert values(found, gauge, stack="prod") == [int(gauge == GAUGE[fault])]
    assert values(found, GAUGE[fault], stack="prod", reason=fault) == [1]


def test_what_is_not_known_for_certain_is_left_out_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    found = published(Inspection((), (Part.QUEUE,), None), capsys)
    assert values(found, "Unread", stack="prod") == [1]
    assert values(found, "Unread", stack="prod", reason="queue") == [1]
    assert values(found, "NotConsumed", stack="prod") == [0]
    assert not {"NotFed", "NoRedrive", "QueueMessages"} & {sample.name for sample in found}
    # A fault of the part that was read is certain.
    found = published(Inspection((Fault.NOTIFICATION_REPLACED,), (Part.QUEUE,), None), capsys)
    assert values(found, "NotFed", stack="prod") == [1]
