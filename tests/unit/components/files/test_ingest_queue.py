from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

QUEUE = "arn:aws:sqs:eu-west-2:111122223333:baler-prod-files-ingest-1a2b3c4"
DEAD_LETTERS = "arn:aws:sqs:eu-west-2:111122223333:baler-prod-files-dead-letters-1a2b3c4"


@pytest.mark.requirement("PULL-REQ-01", "PULL-REQ-02", "PUSH-INTEG-01")
def test_every_created_object_of_the_landing_bucket_becomes_a_message(prod: "Deployed") -> None:
    notification = prod.one("s3/bucketNotification:BucketNotification", "files-landing").inputs
    assert notification["bucket"] == "baler-prod-files-landing-1a2b3c4"
    # No filter: a file whose name the filter does not know would never be bundled.
    assert notification["queues"] == [{"queueArn": QUEUE, "events": ["s3:ObjectCreated:*"]}]


def test_the_notification_waits_for_the_policy_that_lets_s3_send(prod: "Deployed") -> None:
    notification = prod.one("s3/bucketNotification:BucketNotification", "files-landing")
    assert any(
        urn.endswith("aws:sqs/queuePolicy:QueuePolicy::baler-prod-files-ingest") for urn in notification.depends_on
    )


def test_only_the_landing_bucket_of_this_account_may_send(prod: "Deployed") -> None:
    policy = prod.one("sqs/queuePolicy:QueuePolicy", "files-ingest")
    allowed = [s for s in policy.statements().values() if s["Effect"] == "Allow"]
    assert allowed == [
        {
            "Sid": "AcceptEventsOfTheLandingBucket",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": ["sqs:SendMessage"],
            "Resource": [QUEUE],
            "Condition": {
                "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::baler-prod-files-landing-1a2b3c4"},
                "StringEquals": {"aws:SourceAccount": "111122223333"},
            },
        }
    ]


@pytest.mark.requirement("PULL-NFR-06", "PUSH-SEC-02")
@pytest.mark.parametrize(("part", "arn"), [("files-ingest", QUEUE), ("files-dead-letters", DEAD_LETTERS)])
def test_a_queue_is_encrypted_and_refuses_whoever_comes_without_tls(prod: "Deployed", part: str, arn: str) -> None:
    assert prod.one("sqs/queue:Queue", part).inputs["sqsManagedSseEnabled"] is True
    policy = prod.one("sqs/queuePolicy:QueuePolicy", part)
    assert policy.inputs["queueUrl"].endswith(f"/baler-prod-{part}-1a2b3c4")
    assert policy.statements()["DenyInsecureTransport"] == {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["sqs:*"],
        "Resource": [arn],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


@pytest.mark.requirement("PULL-NFR-01", "PUSH-AVAIL-01")
def test_messages_stay_as_long_as_the_stack_says(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:filesQueueRetentionDays": 2, "baler:filesDeadLetterRetentionDays": 9})
    assert deployed.one("sqs/queue:Queue", "files-ingest").inputs["messageRetentionSeconds"] == 2 * 86_400
    assert deployed.one("sqs/queue:Queue", "files-dead-letters").inputs["messageRetentionSeconds"] == 9 * 86_400


@pytest.mark.requirement("PULL-NFR-01", "PULL-NFR-08", "PUSH-AVAIL-06")
@pytest.mark.parametrize(
    ("timeout", "window", "retention"), [(18, 10, 4), (17, 10, 1), (15, 7, 2), (8, 40, 6), (8, 0, 4)]
)
def test_no_outage_of_12_hours_and_no_end_of_the_retention_uses_a_message_up(
    deploy: "Deploy", timeout: int, window: int, retention: int
) -> None:
    settings = {
        "baler:filesFunctionTimeoutSeconds": timeout,
        "baler:filesBatchingWindowSeconds": window,
        "baler:filesBatchSize": 10,
        "baler:filesQueueRetentionDays": retention,
    }
    deployed = deploy("prod", settings=settings)
    queue = deployed.one("sqs/queue:Queue", "files-ingest")
    redrive = queue.document("redrivePolicy")
    assert redrive["deadLetterTargetArn"] == DEAD_LETTERS
    receives = redrive["maxReceiveCount"]
    assert receives <= 1000
    # A function that crashes gives a message back at the end of its visibility timeout.
    assert receives * queue.inputs["visibilityTimeoutSeconds"] >= 12 * 3600
    # One that sees its failures waits as long as it is told, and what has no receives left is moved, not deleted.
    variables = deployed.one("lambda/function:Function", "files-aggregator").inputs["environment"]["variables"]
    assert receives * int(variables["LONGEST_RETRY_SECONDS"]) < retention * 86_400
    assert int(variables["LONGEST_RETRY_SECONDS"]) >= 60


def test_the_function_knows_the_dead_letter_queue(prod: "Deployed") -> None:
    variables = prod.one("lambda/function:Function", "files-aggregator").inputs["environment"]["variables"]
    assert variables["DEAD_LETTER_QUEUE_URL"].endswith("/baler-prod-files-dead-letters-1a2b3c4")


def test_the_dead_letter_queue_takes_from_the_ingest_queue_alone(prod: "Deployed") -> None:
    allow = prod.one("sqs/redriveAllowPolicy:RedriveAllowPolicy", "files-dead-letters")
    assert allow.inputs["queueUrl"].endswith("/baler-prod-files-dead-letters-1a2b3c4")
    assert allow.document("redriveAllowPolicy") == {"redrivePermission": "byQueue", "sourceQueueArns": [QUEUE]}


@pytest.mark.requirement("PULL-NFR-02")
def test_visibility_follows_from_the_functions_timeout_and_the_window(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:filesFunctionTimeoutSeconds": 15, "baler:filesBatchingWindowSeconds": 7})
    function = deployed.one("lambda/function:Function", "files-aggregator").inputs
    assert deployed.one("sqs/queue:Queue", "files-ingest").inputs["visibilityTimeoutSeconds"] == 6 * 15 + 7
    assert function["timeout"] == 15
