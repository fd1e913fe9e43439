"""Faults of the file pipeline whose bundles a consumer pulls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sandbox.localstack.wire import Wire
from sandbox.rehearsal.fault import Broken, Fault, Typed
from sandbox.rehearsal.functions import bad_release, mapping_off, policy_changed, rule_off

if TYPE_CHECKING:
    from sandbox.rehearsal.stages import FilesStage

_UNHEALTHY: Final = "pipeline-unhealthy"
_NO_FILE: Final = "not from S3"
_BURST: Final = 400


def _consumer_down(stage: FilesStage) -> Broken:
    stage.consumer.stop()
    return Broken(
        filled={"/srv/readings": lambda: str(stage.folder.resolve() / "received")},
        others=stage.consumer.start,
        who="whoever runs the consumer starts it for good",
    )


def _function_broken(stage: FilesStage) -> Broken:
    return bad_release(stage.aws, stage.deployed.aggregator_function)


def _not_consumed(stage: FilesStage) -> Broken:
    return mapping_off(stage.aws, stage.deployed.aggregator_function)


def _not_fed(stage: FilesStage) -> Broken:
    s3, bucket = stage.aws.s3, stage.deployed.landing_bucket
    found: Any = s3.get_bucket_notification_configuration(Bucket=bucket)
    whole = {key: value for key, value in found.items() if key != "ResponseMetadata"}

    def put(configuration: Any) -> None:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)

    put({})
    return Broken(put_back=lambda: put(whole))


def _dead_letters(stage: FilesStage) -> Broken:
    sqs, stack = stage.aws.sqs, stage.deployed
    sqs.send_message(QueueUrl=stack.ingest_queue_url, MessageBody=_NO_FILE)

    def dead() -> str:
        """Return the id of the message that is none of S3's."""
        answer = sqs.receive_message(QueueUrl=stack.dead_letter_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        found = [message for message in answer.get("Messages", []) if message.get("Body") == _NO_FILE]
        return found[0].get("MessageId", "") if found else ""

    return Broken(filled={"1f0c2a9b": dead})


def _files_stuck(stage: FilesStage) -> Broken:
    return policy_changed(stage.aws, stage.deployed.aggregator_function, ["dynamodb:*"])


def _monitor_silent(stage: FilesStage) -> Broken:
    return rule_off(stage.aws, stage.deployed.outputs["filesMailboxMonitorFunction"])


def _no_files(stage: FilesStage) -> Broken:
    stage.traffic.rest()
    return Broken(others=stage.traffic.go_on, who="the external party sends again")


def _unannounced_files(stage: FilesStage) -> Broken:
    """Let files land while nothing is announced, and the comparison of the day find them."""
    broken = _not_fed(stage)
    for number in range(3):
        stage.party.put_object(Bucket=stage.deployed.landing_bucket, Key=f"unheard/{number}", Body=b"unheard")
    broken.put_back()
    stage.aws.functions.invoke(
        FunctionName=stage.deployed.outputs["filesReconciliationFunction"],
        Payload=json.dumps({"begin": True, "grace_seconds": 0}).encode(),
    )
    return Broken()


def _throttled(stage: FilesStage) -> Broken:
    wire, table = Wire(stage.deployed.endpoint), stage.deployed.claim_table
    refused = [
        {"kind": "throttled", "service": "dynamodb", "operation": operation, "about": table, "rate": 0.3}
        for operation in ("BatchExecuteStatement", "PutItem")
    ]
    wire.put({"seed": 1, "faults": refused})
    return Broken(others=wire.clear, who="the table has followed the load")


def _traffic_spike(stage: FilesStage) -> Broken:
    for number in range(_BURST):
        stage.party.put_object(Bucket=stage.deployed.landing_bucket, Key=f"spike/{number % 40}", Body=b"%d" % number)
    return Broken()


FAULTS_OF_FILES: Final[tuple[Fault[Any], ...]] = (
    Fault(
        "consumer-down",
        "the on-premises consumer is stopped, and bundles wait in the mailbox",
        "consumer-down",
        ("files-mailbox-age", _UNHEALTHY),
        _consumer_down,
        typed=(Typed("aws s3 ls s3://$MAILBOX/bundles/"), Typed("/srv/readings --once", "consumer")),
        settings={"baler:filesMailboxWaitSeconds": 30},
    ),
    Fault(
        "function-broken",
        "a release of the aggregator that cannot even be loaded",
        "function-broken",
        ("files-function-errors", _UNHEALTHY),
        _function_broken,
        typed=(Typed("get-alias --function-name $FUNCTION"), Typed("update-alias")),
    ),
    Fault(
        "not-consumed",
        "somebody has disabled the event source mapping",
        "not-consumed",
        ("files-not-consumed", _UNHEALTHY),
        _not_consumed,
        typed=(Typed("export FUNCTION"), Typed("--enabled")),
    ),
    Fault(
        "not-fed",
        "somebody has replaced the landing bucket's notification",
        "not-fed",
        ("files-not-fed", _UNHEALTHY),
        _not_fed,
        typed=(Typed("export LANDING"), Typed("pulumi up --refresh")),
    ),
    Fault(
        "dead-letters",
        "somebody sends into the queue what is no event of S3's",
        "dead-letters",
        ("files-dead-letters",),
        _dead_letters,
        typed=(
            Typed("baler dead-letters list --limit"),
            Typed("discard 1f0c2a9b"),
        ),
    ),
    Fault(
        "files-stuck",
        "somebody has taken the claim table from the function's role",
        "files-stuck",
        ("files-stuck", _UNHEALTHY),
        _files_stuck,
        typed=(Typed("left a file in the queue"), Typed("pulumi up --refresh")),
        waits=3.0,
    ),
    Fault(
        "monitor-silent",
        "somebody has disabled the monitor's rule",
        "monitor-silent",
        ("files-monitor-silent", _UNHEALTHY),
        _monitor_silent,
        typed=(Typed("describe-rule"), Typed("enable-rule")),
    ),
    Fault(
        "no-files",
        "the external party has stopped sending",
        "no-files",
        ("files-silence",),
        _no_files,
        typed=(Typed("export LANDING"),),
        settings={"baler:filesSilenceMinutes": 5},
    ),
    Fault(
        "unannounced-files",
        "files had landed while the bucket's notification was another one",
        "unannounced-files",
        ("files-unannounced",),
        _unannounced_files,
        typed=(Typed("export RECONCILIATION"),),
        factor=90.0,
    ),
    Fault(
        "traffic-spike",
        "the external party puts the same files over and over",
        "traffic-spike",
        ("files-traffic-high",),
        _traffic_spike,
        typed=(Typed("export ARCHIVE"),),
        settings={"baler:filesExpectedPerSecond": 1},
        factor=30.0,
    ),
    Fault(
        "throttled",
        "DynamoDB refuses every third write to the claim table",
        "throttled",
        ("files-claims-write-throttles",),
        _throttled,
        typed=(Typed("export TABLE"), Typed("set-alarm-state", when_over=True, minutes_later=6)),
    ),
)
