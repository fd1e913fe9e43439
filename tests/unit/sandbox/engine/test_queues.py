import json
from collections.abc import Callable
from typing import Any

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.resources.creation import Created

Create = Callable[..., Created]
Record = Callable[[Any, str], list[dict[str, Any]]]


def attributes(aws: Endpoint, url: str) -> dict[str, str]:
    found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {str(name): value for name, value in found.items()}


def test_a_queue_has_what_the_program_says(aws: Endpoint, create: Create) -> None:
    dead_letters = create("aws:sqs/queue:Queue", {"sqsManagedSseEnabled": True}, name="dead")
    redrive = json.dumps({"deadLetterTargetArn": dead_letters.outputs["arn"], "maxReceiveCount": 12})

    queue = create(
        "aws:sqs/queue:Queue",
        {
            "messageRetentionSeconds": 345600.0,
            "receiveWaitTimeSeconds": 20.0,
            "redrivePolicy": redrive,
            "sqsManagedSseEnabled": True,
            "tags": {"project": "baler"},
            "visibilityTimeoutSeconds": 130.0,
        },
    )

    found = attributes(aws, queue.outputs["url"])
    assert found["MessageRetentionPeriod"] == "345600"
    assert found["ReceiveMessageWaitTimeSeconds"] == "20"
    assert json.loads(found["RedrivePolicy"]) == json.loads(redrive)
    assert found["SqsManagedSseEnabled"] == "true"
    assert found["VisibilityTimeout"] == "130"
    assert found["QueueArn"] == queue.outputs["arn"]
    assert aws.sqs.list_queue_tags(QueueUrl=queue.id)["Tags"] == {"project": "baler"}


def test_a_queue_without_a_name_gets_the_logical_one_and_a_suffix(create: Create) -> None:
    first, second = (create("aws:sqs/queue:Queue", {}, name="ingest") for _ in range(2))

    assert first.outputs["name"].startswith("ingest-")
    assert len(first.outputs["name"]) == len("ingest-") + 7
    assert first.outputs["name"] != second.outputs["name"]


def test_a_given_name_is_kept(create: Create) -> None:
    assert create("aws:sqs/queue:Queue", {"name": "exactly"}).outputs["name"] == "exactly"


def test_a_policy_is_put_on_its_queue(aws: Endpoint, create: Create) -> None:
    url = create("aws:sqs/queue:Queue", {}).outputs["url"]
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}

    create("aws:sqs/queuePolicy:QueuePolicy", {"queueUrl": url, "policy": json.dumps(policy)})

    assert json.loads(attributes(aws, url)["Policy"]) == policy


def test_a_dead_letter_queue_says_for_which_queues_it_is(aws: Endpoint, create: Create, record: Record) -> None:
    requests = record(aws.sqs, "SetQueueAttributes")
    url = create("aws:sqs/queue:Queue", {}).outputs["url"]
    allow = json.dumps({"redrivePermission": "denyAll"})

    create("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", {"queueUrl": url, "redriveAllowPolicy": allow})

    assert requests == [{"QueueUrl": url, "Attributes": {"RedriveAllowPolicy": allow}}]


def test_a_queue_gets_its_dead_letter_queue_afterwards(aws: Endpoint, create: Create) -> None:
    dead = create("aws:sqs/queue:Queue", {}).outputs["arn"]
    url = create("aws:sqs/queue:Queue", {}).outputs["url"]
    redrive = {"deadLetterTargetArn": dead, "maxReceiveCount": 7}

    create("aws:sqs/redrivePolicy:RedrivePolicy", {"queueUrl": url, "redrivePolicy": json.dumps(redrive)})

    assert json.loads(attributes(aws, url)["RedrivePolicy"]) == redrive
